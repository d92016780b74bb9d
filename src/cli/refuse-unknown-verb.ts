import type { Command } from 'commander';
import { nearestWord } from '../config/nearest-word.ts';
import { EXIT, WhydError } from '../errors.ts';

/**
 * A verb that does something by itself and has verbs below it takes a mistyped one of these for an argument. Throws WhydError `verb.unknown` (exit 2) for what
 * `command`, which was reached so, was given.
 */
export function refuseUnknownVerb(verb: Command, command: Command): void {
  const [word] = command.args;
  if (word === undefined) return;
  const names = verb.commands.map((one) => one.name());
  const nearest = nearestWord(word, names);
  throw new WhydError('verb.unknown', `whyd ${verb.name()} has no verb "${word}"`, {
    hint: `${nearest === null ? '' : `Did you mean whyd ${verb.name()} ${nearest}? `}Known: ${names.join(', ')}.`,
    exitCode: EXIT.usage,
  });
}
