import type { Severity } from '../../domain.ts';
import { encodeUtf8 } from '../latin1.ts';
import { asciiOf } from './ascii-words.ts';

/** The SQLSTATE of what is no error. */
export const SUCCESS = '00000';
const LATIN1_ONLY = /^[\x20-\xff]*$/;

export type Section = 'detail' | 'hint' | 'query' | 'context' | 'location' | 'backtrace' | 'statement';
export type Label = { readonly severity: Severity } | { readonly section: Section };

/**
 * The words that Postgres puts before `:  ` in its own languages, from its message catalogues (releases 12 to 18; `[unknown]`, severities, section labels).
 * A superuser can change lc_messages in one session, so every language is known at any time.
 */
const SEVERITIES: Readonly<Record<Severity, readonly string[]>> = {
  DEBUG: [
    'DEBUG',
    'DEBUG1',
    'DEBUG2',
    'DEBUG3',
    'DEBUG4',
    'DEBUG5',
    'გამართვა',
    '디버그',
    'ОТЛАДКА',
    'НАЛАГОДЖЕННЯ',
    '调试',
    '除錯',
  ],
  INFO: ['INFO', 'ინფორმაცია', '정보', 'ИНФОРМАЦИЯ', 'ІНФОРМАЦІЯ', '信息', '資訊', 'BİLGİ', 'INFORMACJA'],
  NOTICE: [
    'NOTICE',
    'HINWEIS',
    'NOTIFICA',
    '알림',
    'ЗАМЕЧАНИЕ',
    'NOTIS',
    'ПОВІДОМЛЕННЯ',
    '注意',
    'NOTA',
    'UWAGA',
    'NOT',
    'POZNÁMKA',
  ],
  WARNING: [
    'WARNING',
    'WARNUNG',
    'ATTENTION',
    'ATTENZIONE',
    'გაფრთხილება',
    '경고',
    'ПРЕДУПРЕЖДЕНИЕ',
    'VARNING',
    'ПОПЕРЕДЖЕННЯ',
    '警告',
    'AVISO',
    'ADVERTENCIA',
    'OSTRZEŻENIE',
    'UYARI',
    'VAROVÁNÍ',
  ],
  LOG: ['LOG', 'ჟურნალი', '로그', 'СООБЩЕНИЕ', 'LOGG', 'ЗАПИСУВАННЯ', '日志', '日誌', 'DZIENNIK', 'KAYIT'],
  ERROR: [
    'ERROR',
    'FEHLER',
    'ERREUR',
    'ERRORE',
    'შეცდომა',
    '오류',
    'ОШИБКА',
    'FEL',
    'ПОМИЛКА',
    '错误',
    '錯誤',
    'ERRO',
    'BŁĄD',
    'HATA',
    'CHYBA',
  ],
  FATAL: [
    'FATAL',
    'FATALE',
    'ფატალური',
    '치명적오류',
    'ВАЖНО',
    'FATALT',
    'ФАТАЛЬНО',
    '致命错误',
    '致命錯誤',
    'KATASTROFALNY',
    'ÖLÜMCÜL',
    'FATÁLNÍ',
  ],
  PANIC: [
    'PANIC',
    'PANIK',
    'PANICO',
    '比致命错误还过分的错误',
    'პანიკა',
    '손상',
    'ПАНИКА',
    'ПАНІКА',
    '灾难性错误',
    '嚴重錯誤',
    'PÂNICO',
    'PANIKA',
    'KRİTİK',
  ],
};

const SECTIONS: Readonly<Record<Section, readonly string[]>> = {
  detail: [
    'DETAIL',
    'DÉTAIL',
    'DETALLE',
    'DETTAGLI',
    '詳細',
    'დეტალები',
    '상세정보',
    'ПОДРОБНОСТИ',
    'DETALJ',
    'ВІДОМОСТІ',
    '详情',
    '詳情',
    '详细信息',
    'DETALHE',
    'SZCZEGÓŁY',
    'AYRINTI',
    'DETAY',
  ],
  hint: [
    'HINT',
    'TIPP',
    'ASTUCE',
    'SUGERENCIA',
    'SUGGERIMENTO',
    'ヒント',
    'მინიშნება',
    '힌트',
    'ПОДСКАЗКА',
    'TIPS',
    'УКАЗІВКА',
    '提示',
    'DICA',
    'PODPOWIEDŹ',
    'İPUCU',
    'DOPORUČENÍ',
  ],
  query: [
    'QUERY',
    'ANFRAGE',
    'REQUÊTE',
    'CONSULTA',
    '問い合わせ',
    'მოთხოვნა',
    '쿼리',
    'ЗАПРОС',
    'FRÅGA',
    'ЗАПИТ',
    '查询',
    '查詢',
    'ZAPYTANIE',
    'SORGU',
    'DOTAZ',
  ],
  context: [
    'CONTEXT',
    'ZUSAMMENHANG',
    'CONTEXTE',
    'CONTEXTO',
    'CONTESTO',
    '文脈',
    'კონტექსტი',
    '내용',
    'КОНТЕКСТ',
    'KONTEXT',
    '上下文',
    'KONTEKST',
    'BAĞLAM',
  ],
  location: [
    'LOCATION',
    'ORT',
    'EMPLACEMENT',
    'UBICACIÓN',
    'POSIZIONE',
    '場所',
    'მდებარეობა',
    '위치',
    'ПОЛОЖЕНИЕ',
    'PLATS',
    'РОЗТАШУВАННЯ',
    '位置',
    'LOCAL',
    'POZYCJA',
    'YER',
  ],
  backtrace: ['BACKTRACE', "PILE D'APPEL", 'バックトレース', 'სტეკი', '역추적', 'СТЕК', 'ВІДСТЕЖУВАТИ', '回溯'],
  statement: [
    'STATEMENT',
    'ANWEISUNG',
    'INSTRUCTION',
    'SENTENCIA',
    'ISTRUZIONE',
    '文',
    'ოპერატორი',
    '명령 구문',
    'ОПЕРАТОР',
    'SATS',
    'ІНСТРУКЦІЯ',
    '语句',
    '陳述式',
    'COMANDO',
    'WYRAŻENIE',
    'KOMUT',
    'İFADE',
    'PŘÍKAZ',
  ],
};

/** How `[unknown]` (a session that has not named itself yet) reads in each language. */
export const UNKNOWN_WORDS: ReadonlySet<string> = new Set([
  '[unknown]',
  '[unbekannt]',
  '[desconocido]',
  '[inconnu]',
  '[sconosciuto]',
  '[不明]',
  '[უცნობი]',
  '[알수없음]',
  '[н/д]',
  '[okänd]',
  '[未知]',
  '[desconhecido]',
  '[nieznany]',
]);

/** Where ` at character N` may end a message: it has a column of its own in csvlog and jsonlog, so it is no part of the text. */
export const AT_CHARACTER =
  /(?: at character \d+| bei Zeichen \d+| en carácter \d+| au caractère \d+| al carattere \d+|\(\d+文字目\)| სიმბოლოსთან \d+| \d+ 번째 문자 부근| \(символ \d+\)| vid tecken \d+| символ \d+| 第 \d+ 个字符处| 在第 \d+ 個字元處| no caractere \d+)$/;

/** Label as it stands in a log's bytes -> what it means. */
export const LABELS: ReadonlyMap<string, Label> = new Map<string, Label>([
  ...entriesOf(SECTIONS).flatMap(([section, words]) =>
    words.flatMap((word) => bytesOf(word).map((bytes): [string, Label] => [bytes, { section }])),
  ),
  // Severities last: where one word means both in two languages, an entry that begins is worse to miss than a section.
  ...entriesOf(SEVERITIES).flatMap(([severity, words]) =>
    words.flatMap((word) => bytesOf(word).map((bytes): [string, Label] => [bytes, { severity }])),
  ),
]);

const SEVERITY_BY_WORD: ReadonlyMap<string, Severity> = new Map(
  entriesOf(SEVERITIES).flatMap(([severity, words]) =>
    words.flatMap((word) => [word, asciiOf(word) ?? word].map((known): [string, Severity] => [known, severity])),
  ),
);

/** Severity by its word in any language, decoded (csvlog localises it). A word that is not known may be an error, and passes for less only where the SQLSTATE does. */
export function severityOfWord(word: string, sqlstate: string): Severity {
  return SEVERITY_BY_WORD.get(word) ?? (sqlstate === SUCCESS ? 'LOG' : 'ERROR');
}

const ENGLISH =
  'LOG|STATEMENT|ERROR|DETAIL|CONTEXT|FATAL|HINT|WARNING|NOTICE|INFO|PANIC|DEBUG[1-5]?|QUERY|LOCATION|BACKTRACE';
const TWO_WORDS = [...LABELS.keys()].filter((word) => word.includes(' ')).join('|');

/**
 * Regex source of a label with its colon and the blanks behind it, in two groups of which one captures the word; a word of the second group may
 * be none: LABELS knows. (All words spelt out would make each such pattern ten times as dear to compile.) Postgres writes two blanks (a shipper
 * that trims lines takes those with nothing behind them); French puts one before the colon, and some translations have another number behind it.
 */
export const LABEL_SOURCE = String.raw`(?:(${ENGLISH}):(?:  | ?(?=[\r\n]|$))|(${TWO_WORDS}|[A-Z?\x60\x80-\xff]+) ?: {0,3})`;
export const LABEL_GROUPS = 2;

/** Regex source of what an English server writes where a label belongs. */
export const ENGLISH_LABEL_SOURCE = `(?:${ENGLISH}):  `;

/**
 * Regex source of a word that stands where a label belongs but is none that we know (a language that Postgres learnt since, another encoding):
 * it begins something, and what that is may be an error. Of words with no letter left those of two may be Chinese for LOG.
 */
export const UNKNOWN_LABEL_SOURCE = String.raw`([A-Z\x80-\xff](?:[A-Z\x80-\xff]| (?=[A-Z\x80-\xff])){1,40}|\?{3,40}) ?:  `;

function entriesOf<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] {
  return Object.entries(record) as [K, V][];
}

/** A word as UTF-8 and, where one byte a letter can hold it, as Latin-1: servers write their log in the encoding of the database, or in ASCII before they enter one. */
function bytesOf(word: string): string[] {
  const utf8 = encodeUtf8(word);
  if (utf8 === word) return [word];
  return [utf8, ...(LATIN1_ONLY.test(word) ? [word] : []), ...[asciiOf(word)].filter((ascii) => ascii !== null)];
}
