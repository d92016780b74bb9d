import type { JSX } from 'preact';
import type { Verdict } from '../../../src/domain.ts';
import { Heading } from '../heading.tsx';
import { isVerdict } from '../lists/failure-row.ts';
import { useLiveEvents } from '../services.ts';
import { Loaded } from '../states.tsx';
import { useResource } from '../use-resource.ts';
import { FailureView } from './failure-view.tsx';

export function FailurePage({ id }: { readonly id: string }): JSX.Element {
  const failure = useResource<Verdict>(`/v1/failures/${encodeURIComponent(id)}`);
  useLiveEvents(['verdict.revised', 'failure'], ({ data }) => {
    if (isVerdict(data) && data.id === id) failure.reload();
  });
  return (
    <>
      {failure.value === null && <Heading title="Failure" />}
      <Loaded resource={failure}>{(verdict) => <FailureView verdict={verdict} />}</Loaded>
    </>
  );
}
