import { defineConfig } from 'vite';
import { inlineStyles } from './inline-styles.ts';

// vite reads its configuration only from a default export.
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  clearScreen: false,
  logLevel: 'warn',
  plugins: [inlineStyles()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2023',
    // The styles use light-dark(), which a lower target would rewrite into twice as many rules.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The Content-Security-Policy allows no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
