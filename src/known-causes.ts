import { catalogue } from './correlate/causes/catalogue.ts';

/** The ids of all causes, for a filter to be checked and completed by. `lock_pile_up` is an incident's only. */
export const knownCauses: readonly string[] = catalogue.map(({ id }) => id);
export const knownIncidentCauses: readonly string[] = [...knownCauses, 'lock_pile_up'];
