import { advice, counted, ok, problem, unseen, type Finding } from '../finding.ts';
import { checkDenokvLog } from './check-denokv-log.ts';
import { checkLogs } from './check-logs.ts';
import type { HostFacts } from './facts.ts';

/** All that this host tells: logs, clocks, index, API. */
export function judgeHost(facts: HostFacts): readonly Finding[] {
  return [
    ...checkLogs(facts),
    ...checkDenokvLog(facts),
    checkClocks(facts),
    checkDisk(facts),
    checkGaps(facts),
    checkToken(facts),
    checkApi(facts),
  ];
}

const QUARTER_US = 900_000_000;

function checkClocks({ clockOffsetUs }: HostFacts): Finding {
  const check = 'clocks';
  if (clockOffsetUs === null) return unseen(check, 'too few failures stand in both logs to compare their clocks');
  if (clockOffsetUs === 0) return ok(check, "the clocks of denokv's and Postgres' logs agree");
  const seconds = (Math.abs(clockOffsetUs) / 1e6).toFixed(1);
  const says = `denokv's log is ${seconds} s ${clockOffsetUs > 0 ? 'ahead of' : 'behind'} Postgres' log`;
  const why = 'whyd reckons with it, but while it changes, lines are paired wrongly';
  return clockOffsetUs % QUARTER_US === 0
    ? problem(check, {
        says: `${says}, as if a time zone were read wrongly`,
        why,
        change: [
          "ALTER SYSTEM SET log_timezone = 'UTC'; SELECT pg_reload_conf();",
          "# or in whyd's configuration: timezone: Europe/Rome beside the path",
        ],
      })
    : problem(check, { says, why, change: ['timedatectl set-ntp true  # on both hosts', 'chronyc tracking'] });
}

function checkDisk({ index, user }: HostFacts): Finding {
  const check = 'index.disk';
  const { path, freeBytes, sizeBytes, keepBytes, isWritable } = index;
  if (freeBytes === null) {
    return advice(check, {
      says: `the folder of the index ${path} is not there yet`,
      why: 'the daemon makes it when it may',
      change: [`install -d -o ${user} -m 0700 ${folderOf(path)}  # or StateDirectory=whyd in the unit`],
    });
  }
  if (!isWritable) {
    return advice(check, {
      says: `${user} may not write the folder of the index ${path}`,
      why: 'the daemon cannot start as this user',
      change: [`# run the doctor as the daemon's user, or: install -d -o ${user} -m 0700 ${folderOf(path)}`],
    });
  }
  const missing = keepBytes - sizeBytes - freeBytes;
  const says = `${mebibytes(freeBytes)} free for the index ${path}, which holds ${mebibytes(sizeBytes)} and may grow to ${mebibytes(keepBytes)}`;
  if (missing <= 0) return ok(check, says);
  return problem(check, {
    says,
    why: 'when the disk is full no more events are kept, and Postgres may share it',
    change: [
      `# in whyd's configuration: index: { keep: { size: ${String(Math.max(64, Math.floor((sizeBytes + freeBytes) / 2 ** 21)))}MiB } }`,
    ],
  });
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

function mebibytes(bytes: number): string {
  return `${String(Math.round(bytes / 2 ** 20))} MiB`;
}

function checkGaps({ index: { gaps } }: HostFacts): Finding {
  const check = 'index.gaps';
  if (gaps === null) return unseen(check, 'there is no index that could be read');
  const lossy = gaps.filter((one) => one.gaps > 0);
  if (lossy.length === 0) return ok(check, 'the daemon has read its logs without a gap');
  return problem(check, {
    says: `lines were lost before the daemon read them: ${lossy.map((one) => `${one.path} (${counted(one.gaps, 'time')})`).join(', ')}`,
    why: 'a failure whose cause stood there has "gap" for its coverage',
    change: [
      '# let logrotate rename (create), not copytruncate, and keep at least one old file uncompressed: delaycompress',
    ],
  });
}

function checkToken({ token }: HostFacts): Finding {
  const check = 'api.token';
  if (token.state === 'missing') return ok(check, `the daemon will make the token ${token.path}`);
  if (token.state === 'good') return ok(check, `the token ${token.path} is closed to others`);
  return problem(check, {
    says: token.says,
    why: 'who has it can read every failure, and whyd refuses one that others can read',
    change: token.hint === null ? [] : [`# ${token.hint}`],
  });
}

function checkApi({ api }: HostFacts): Finding {
  const check = 'api.listening';
  if (api.state === 'answers') return ok(check, `a daemon answers at ${api.address}`);
  if (api.state === 'silent') return ok(check, `nobody listens at ${api.address}: the daemon is not running`);
  return problem(check, {
    says: `another program listens at ${api.address}`,
    why: 'the daemon cannot start there',
    change: ['api: { listen: 127.0.0.1:7434 }  # another port', `ss -ltnp  # says who has ${api.address}`],
  });
}
