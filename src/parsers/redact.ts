/** `scheme://user:password@`: the password goes to the last @ before a blank, whatever it holds. */
const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s:@/]*):[^\s]*@/gi;
/** `password=...` of a connection string or a query; quoted values may hold blanks. */
const KEYED_PASSWORD = /\b((?:ssl)?password|passwd|pwd|secret|token)(\s*=\s*)(?:'(?:[^'\\]|\\.)*'?|[^\s&'"]+)/gi;

/** Takes passwords out of a text that people will see. */
export function redactSecrets(text: string): string {
  const withoutUrls = text.includes('://') ? text.replace(URL_PASSWORD, '$1:***@') : text;
  return withoutUrls.replace(KEYED_PASSWORD, '$1$2***');
}
