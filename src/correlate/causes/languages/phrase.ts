/**
 * One message of the server: its English text, and what it says in another language. `{1}`, `{2}` are the places that both fill, numbered in the
 * English order. From the message catalogues of Postgres 15: program output to be recognised, never shown.
 */
export type Phrase = readonly [english: string, local: string];
