import type { FastifyInstance } from 'fastify';

/** Which methods each path takes; the router itself answers a wrong method like a wrong path. */
export interface RouteTable {
  /** Sorted; empty for a path that no route has. */
  methodsOf(path: string): readonly string[];
}

/** Watches the routes as they are added: call it before the first one. */
export function watchRoutes(app: FastifyInstance): RouteTable {
  const methodsByPattern = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = methodsByPattern.get(url) ?? new Set();
    for (const name of [method].flat()) methods.add(name);
    methodsByPattern.set(url, methods);
  });
  return {
    methodsOf(path) {
      const fitting = [...methodsByPattern].filter(([pattern]) => fits(pattern, path));
      return [...new Set(fitting.flatMap(([, methods]) => [...methods]))].sort();
    },
  };
}

function fits(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => (part.startsWith(':') ? given[index] !== '' : part === given[index]))
  );
}
