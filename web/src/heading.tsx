import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';

interface HeadingProps {
  /** Of the tab; the heading shows it unless it has children. */
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** The page's heading, and the tab's title with it. */
export function Heading({ title, children }: HeadingProps): JSX.Element {
  useEffect(() => {
    document.title = `${title} · whyd`;
  }, [title]);
  return <h1>{children ?? title}</h1>;
}
