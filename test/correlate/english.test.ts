import { describe, expect, it } from 'vitest';
import { classifyServerError } from '../../src/correlate/causes/classify.ts';
import { inEnglish, LANGUAGES } from '../../src/correlate/causes/english.ts';

describe('inEnglish', () => {
  it.each([
    ['Verklemmung (Deadlock) entdeckt', 'deadlock detected'],
    ['Relation »kv_store« existiert nicht', 'relation "kv_store" does not exist'],
    ["la relation « kv_store » n'existe pas", 'relation "kv_store" does not exist'],
    ['no existe la relación «kv_store»', 'relation "kv_store" does not exist'],
    ['リレーション"kv_store"は存在しません', 'relation "kv_store" does not exist'],
    ['выполнение оператора отменено из-за тайм-аута', 'canceling statement due to statement timeout'],
    ['schnelles Herunterfahren verlangt', 'received fast shutdown request'],
    [
      'Prozess 7 wartet immer noch auf ShareLock-Sperre auf Transaktion 1078 nach 1000,113 ms',
      'process 7 still waiting for ShareLock on Transaktion 1078 after 1000.113 ms',
    ],
  ])('reads %s', (local, english) => {
    expect(inEnglish(local)).toBe(english);
  });

  it.each([
    [
      'la colonna "expires_at" della relazione "kv_store" non esiste',
      'column "expires_at" of relation "kv_store" does not exist',
    ],
    ['对不起, 已经有太多的客户', 'sorry, too many clients already'],
    [
      "aucune entrée dans pg_hba.conf pour l'hôte « 10.0.0.1 », utilisateur « kv »,\nbase de données « kv », no encryption",
      'no pg_hba.conf entry for host "10.0.0.1", user "kv", database "kv", no encryption',
    ],
  ])('takes the wordier of two readings, and lines as they are broken: %s', (local, english) => {
    expect(inEnglish(local)).toBe(english);
  });

  it.each(LANGUAGES.map((phrases) => [phrases[0]?.[1] ?? '', phrases] as const))(
    'reads every phrase of %s',
    (_, phrases) => {
      const filled = (text: string): string => text.replaceAll(/\{(\d)\}/g, 'v$1');
      const misread = phrases.filter(([english, local]) => inEnglish(filled(local)) !== filled(english));
      expect(misread).toEqual([]);
    },
  );

  it.each([
    'deadlock detected',
    'quota exceeded for tenant 17',
    'Das ist keine Meldung des Servers',
    `Relation »${'x'.repeat(2000)}« existiert nicht`,
  ])("leaves alone what is English, an application's own, or too long: %.40s", (message) => {
    expect(inEnglish(message)).toBeNull();
  });
});

describe('classifyServerError in other languages', () => {
  it.each([
    ['FEHLER', 'Verklemmung (Deadlock) entdeckt', 'deadlock', '40P01'],
    ['FEHLER', 'storniere Anfrage wegen Zeitüberschreitung einer Sperre', 'lock_timeout', '55P03'],
    ['FATAL', 'tut mir leid, schon zu viele Verbindungen', 'too_many_connections', '53300'],
    [
      'ERREUR',
      "la valeur d'une clé dupliquée rompt la contrainte unique « kv_store_pkey »",
      'unique_violation',
      '23505',
    ],
    ['ERROR', 'se ha detectado un deadlock', 'deadlock', '40P01'],
    ['ВАЖНО', 'закрытие подключения по команде администратора', 'backend_terminated', '57P01'],
  ])('%s: %s', (severity, message, cause, sqlstate) => {
    const found = classifyServerError({ sqlstate: null, severity, message, detail: null });
    expect(found.row.id).toBe(cause);
    expect(found.sqlstate).toBe(sqlstate);
  });
});
