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
const root = document.getElementById('app');
if (root !== null) {
  root.replaceChildren();
  render(<App />, root);
}
