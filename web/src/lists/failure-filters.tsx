import type { JSX } from 'preact';
import type { Stats, Verdict } from '../../../src/domain.ts';
import { goTo, withQuery } from '../location.ts';
import { useResource } from '../use-resource.ts';
import type { Parameters } from '../api-client.ts';
import { Moment } from '../text/moment.tsx';

/** What a failure list may be narrowed by, in the address and to the API. */
const NAMES = ['cause', 'certainty', 'operation', 'sqlstate', 'issue', 'incident', 'q', 'since', 'until'] as const;

export function filterOf(query: URLSearchParams): Parameters {
  return Object.fromEntries(NAMES.map((name) => [name, query.get(name)]).filter(([, value]) => value !== null));
}

/** Whether a live failure belongs into the list; where only the daemon can tell (text, incident), it does not come by itself. */
export function matchesFilter(verdict: Verdict, filter: Parameters): boolean {
  const { cause, operation, issue, at } = verdict;
  const own: Parameters = {
    cause: cause.id,
    certainty: cause.certainty,
    operation,
    sqlstate: cause.sqlstate,
    issue,
  };
  return Object.entries(filter).every(([name, wanted]) => {
    if (name === 'since') return at !== null && Date.parse(at) >= Date.parse(String(wanted));
    if (name === 'until') return at !== null && Date.parse(at) < Date.parse(String(wanted));
    return own[name] === wanted;
  });
}

const CERTAINTIES = ['certain', 'likely', 'possible', 'unknown'];
const OPERATIONS = ['atomic_write', 'snapshot_read'];

export function FailureFilters({ query }: { readonly query: URLSearchParams }): JSX.Element {
  const { value: stats } = useResource<Stats>('/v1/stats', { since: '30d', bucket: '1h' });
  const set = (name: string, value: string): void => {
    goTo(withQuery(query, { [name]: value.trim() }), 'replace');
  };
  const chosen = query.get('cause') ?? '';
  const causes = new Set([...(stats?.causes.map(({ cause }) => cause) ?? []), ...(chosen === '' ? [] : [chosen])]);
  return (
    <form
      class="filters"
      aria-label="Narrow the list"
      onSubmit={(event) => {
        event.preventDefault();
      }}
    >
      <Choice name="cause" label="Cause" query={query} values={[...causes]} onChange={set} />
      <Choice name="certainty" label="How sure" query={query} values={CERTAINTIES} onChange={set} />
      <Choice name="operation" label="Operation" query={query} values={OPERATIONS} onChange={set} />
      <Field name="sqlstate" label="SQLSTATE" query={query} size={6} maxLength={5} onChange={set} />
      <Field name="q" label="Text" query={query} size={22} maxLength={200} onChange={set} />
      <Marks query={query} />
      {[...query.keys()].length > 0 && (
        <a class="clear" href="/failures">
          clear
        </a>
      )}
    </form>
  );
}

/** What came with a link and has no field of its own. */
function Marks({ query }: { readonly query: URLSearchParams }): JSX.Element {
  const since = query.get('since');
  const until = query.get('until');
  return (
    <>
      {(since !== null || until !== null) && (
        <span class="mark">
          {since !== null && !Number.isNaN(Date.parse(since)) && (
            <>
              from <Moment at={since} />
            </>
          )}{' '}
          {until !== null && !Number.isNaN(Date.parse(until)) && (
            <>
              to <Moment at={until} form="clock" />
            </>
          )}
        </span>
      )}
      {['issue', 'incident'].map((name) => {
        const id = query.get(name);
        return id === null ? null : (
          <span key={name} class="mark">
            {name} <a href={`/${name}s/${encodeURIComponent(id)}`}>{id}</a>
          </span>
        );
      })}
    </>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly query: URLSearchParams;
  readonly values: readonly string[];
  readonly onChange: (name: string, value: string) => void;
}

function Choice({ name, label, query, values, onChange }: ChoiceProps): JSX.Element {
  return (
    <label>
      {label}
      <select
        name={name}
        value={query.get(name) ?? ''}
        onChange={(event) => {
          onChange(name, event.currentTarget.value);
        }}
      >
        <option value="">any</option>
        {values.map((value) => (
          <option key={value} value={value}>
            {value}
          </option>
        ))}
      </select>
    </label>
  );
}

interface FieldProps extends Omit<ChoiceProps, 'values'> {
  readonly size: number;
  readonly maxLength: number;
}

function Field({ name, label, query, size, maxLength, onChange }: FieldProps): JSX.Element {
  return (
    <label>
      {label}
      <input
        name={name}
        type="search"
        size={size}
        maxLength={maxLength}
        spellcheck={false}
        value={query.get(name) ?? ''}
        onChange={(event) => {
          onChange(name, event.currentTarget.value);
        }}
      />
    </label>
  );
}
