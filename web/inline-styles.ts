import type { Plugin } from 'vite';

/**
 * Puts the page's styles into the page: asked for by themselves they hold the first paint back by a whole turn to a busy daemon. The API allows them in its
 * Content-Security-Policy by their hash.
 */
export function inlineStyles(): Plugin {
  return {
    name: 'whyd-inline-styles',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const page = bundle['index.html'];
      if (page?.type !== 'asset') throw new Error('the build has no index.html');
      page.source = String(page.source).replace(
        /<link rel="stylesheet"[^>]*href="\/([^"]+)"[^>]*>/g,
        (_link, name: string) => {
          const styles = bundle[name];
          if (styles?.type !== 'asset') throw new Error(`the build has no ${name}`);
          const text = String(styles.source).trim();
          if (text.includes('</style')) throw new Error(`${name} would end its element early`);
          Reflect.deleteProperty(bundle, name);
          return `<style>${text}</style>`;
        },
      );
    },
  };
}
