/**
 * Cyrillic letters as glibc writes them in the C locale, in the order of the alphabet's codes from U+0410 on; the few of Ukrainian stand apart.
 */
const CYRILLIC = 'A B V G D E ZH Z I J K L M N O P R S T U F X CZ CH SH SHH `` Y` ` E` YU YA'.split(' ');
const CYRILLIC_FROM = 0x410;
const UKRAINIAN: Readonly<Record<string, string>> = { І: 'I', Ї: 'YI', Є: 'YE', Ё: 'YO' };

/**
 * A word as a server prints it whose locale (LC_CTYPE) is C: so do those that were started without one, until a session has entered its database. What they
 * refuse a connection with (all are taken, the server is starting) reads `FATAL`NO:  izvinite, uzhe slishkom mnogo klientov`, or has a question
 * mark for each letter. Null where no letter of the word is left.
 */
export function asciiOf(word: string): string | null {
  const ascii = word.replaceAll(
    /[^\x20-\x7f]/g,
    (letter) => CYRILLIC[letter.charCodeAt(0) - CYRILLIC_FROM] ?? UKRAINIAN[letter] ?? '?',
  );
  return /[A-Z]/.test(ascii) ? ascii : null;
}
