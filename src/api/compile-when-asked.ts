import { AjvCompiler } from '@fastify/ajv-compiler';

interface Validate {
  (data: unknown): unknown;
  errors?: unknown;
}

type Compile = (route: unknown) => Validate;

/** Fastify hands over what its default compiler takes; its types name more than is used here. */
const compilerOf = AjvCompiler() as unknown as (schemas: unknown, options: unknown) => Compile;

/** Fastify compiles the schemas of all routes before it listens, which is a third of whyd's start: here each waits for the first request that needs it. */
export function compileWhenAsked(schemas: unknown, options: unknown): Compile {
  let compile: Compile | null = null;
  return (route) => {
    let compiled: Validate | null = null;
    const validate: Validate = (data) => {
      compile ??= compilerOf(schemas, options);
      compiled ??= compile(route);
      const answer = compiled(data);
      validate.errors = compiled.errors;
      return answer;
    };
    return validate;
  };
}
