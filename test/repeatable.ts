import fc from 'fast-check';

/** Property tests draw the same cases in every run, so that a change fails for what it did; WHYD_SEED=N draws others. */
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env['WHYD_SEED'] ?? 20_261_124) });
