/**
 * A server message from its first to its last word. Anchored at both ends, because applications raise errors that quote these words; the
 * stderr log appends ` at character N` to the message.
 */
export function whole(source: string): RegExp {
  return new RegExp(`^(?:${source})(?: at character \\d+)?$`);
}

/** A server message that goes on with names, sizes or an operating system's text. */
export function opening(source: string): RegExp {
  return new RegExp(`^(?:${source})`);
}

/** The first quoted name of a message as the group `name`, in the quotation marks of any of the server's languages. */
export function firstQuoted(name: string): RegExp {
  return new RegExp(`["»«“„]\\s?(?<${name}>[^"»«”“]+?)\\s?["«»”“]`);
}
