/** How a server writes an entry in each form: (entry) => text. */
export const FORMS = { stderr, csv, json };

function clock(ms) {
  return `${new Date(ms).toISOString().slice(0, 23).replace('T', ' ')} UTC`;
}

function stderr({ pid, ms, severity, message, detail, statement }) {
  const prefix = `${clock(ms)} [${pid}] denokv@kv `;
  const section = (label, text) => (text === undefined ? '' : `${prefix}${label}:  ${text.replaceAll('\n', '\n\t')}\n`);
  return section(severity, message) + section('DETAIL', detail) + section('STATEMENT', statement);
}

function csv({ pid, ms, index, severity, sqlstate, message, detail, statement }) {
  const quoted = (text) => (text === undefined ? '' : `"${text.replaceAll('"', '""')}"`);
  const session = `6a1b2c3d.${pid.toString(16)}`;
  const head = `${clock(ms)},"denokv","kv",${pid},"10.0.0.7:5432",${session},${index},"SELECT",2026-11-23 05:00:00 UTC,3/4,0,${severity},${sqlstate}`;
  return `${head},${quoted(message)},${quoted(detail)},,,,,${quoted(statement)},,,"denokv","client backend",,0\n`;
}

function json({ pid, ms, index, severity, sqlstate, message, detail, statement }) {
  return `${JSON.stringify({
    timestamp: clock(ms),
    user: 'denokv',
    dbname: 'kv',
    pid,
    remote_host: '10.0.0.7',
    remote_port: 5432,
    session_id: `6a1b2c3d.${pid.toString(16)}`,
    line_num: index,
    ps: 'SELECT',
    session_start: '2026-11-23 05:00:00 UTC',
    vxid: '3/4',
    txid: 0,
    error_severity: severity,
    ...(sqlstate === '00000' ? {} : { state_code: sqlstate }),
    message,
    detail,
    statement,
    application_name: 'denokv',
    backend_type: 'client backend',
    query_id: 0,
  })}\n`;
}
