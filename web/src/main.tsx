import { render } from 'preact';
import { App } from './app.tsx';
import { followLinks } from './location.ts';
import { applyTheme } from './preferences.ts';
import { routeOf } from './route.ts';
import { takeTokenFromAddress } from './session.ts';

// The first page's chart is fetched while its figures are asked for, not after they came.
if (routeOf(location.pathname).page === 'now') void import('./chart/rate-plot.ts');
takeTokenFromAddress();
applyTheme();
document.addEventListener('click', followLinks);
void firstPaint().then(() => {
  const root = document.getElementById('app');
  if (root === null) return;
  root.replaceChildren();
  render(<App />, root);
});

/** Resolves once the frame that index.html holds is painted: to draw the page at once would hold that back. A hidden tab paints nothing. */
function firstPaint(): Promise<void> {
  return new Promise((resolve) => {
    if (document.hidden) resolve();
    else
      requestAnimationFrame(() => {
        setTimeout(resolve);
      });
  });
}
