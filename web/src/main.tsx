import { render } from 'preact';
import { App } from './app.tsx';
import { followLinks } from './location.ts';
import { applyTheme } from './preferences.ts';
import { takeTokenFromAddress } from './session.ts';
import './style/colours.css';
import './style/base.css';
import './style/top.css';
import './style/frame.css';
import './style/parts.css';
import './style/lists.css';
import './style/failure.css';

takeTokenFromAddress();
applyTheme();
document.addEventListener('click', followLinks);
const root = document.getElementById('app');
if (root !== null) {
  root.replaceChildren();
  render(<App />, root);
}
