/** One deliberate mistake, as an engineer in a hurry might make it. */
export type Breakage = {
  readonly what: string;
  /** Each text occurs once in the code of `functions/` and `shared/`, wherever it has moved to. */
  readonly edits: readonly (readonly [needle: string, replacement: string])[];
  /** The test files that must catch it. */
  readonly tests: readonly string[];
};

const storeAndRefresh: readonly Breakage[] = [
  {
    what: 'The pointer is written without `If-Match`',
    edits: [['{ ifMatch: knownEtag }', '{}']],
    tests: ['test/storage/snapshot-store-pointer.test.ts'],
  },
  {
    what: 'A conflict on the pointer counts as a success',
    edits: [["if (written !== 'conflict') return;", 'if (written !== undefined) return;']],
    tests: ['test/refresh/publication.test.ts'],
  },
  {
    what: 'The pointer is swapped before the snapshot blob is written',
    edits: [
      ['if (sameAsLast === undefined) await deps.store.writeLines(info.blob, snapshot.lines, context);', ''],
      ['deps.loadSnapshot.keep(info, snapshot);', 'await deps.store.writeLines(info.blob, snapshot.lines, context);'],
    ],
    tests: ['test/refresh/publication.test.ts'],
  },
  {
    what: 'The gate is skipped',
    edits: [
      ['if (last === null || rule === undefined) return {', 'if (last !== undefined || rule === undefined) return {'],
    ],
    tests: ['test/refresh/gate.test.ts'],
  },
  {
    what: 'A refused list is confirmed by a second one at once',
    edits: [['return now - refusedAt >= (', 'return now - refusedAt >= 0 * (']],
    tests: ['test/refresh/gate.test.ts'],
  },
  {
    what: 'The lease is not renewed',
    edits: [['(abortSignal) => lease.renewLease({ abortSignal })', 'async () => undefined']],
    tests: ['test/storage/refresh-lease.test.ts'],
  },
  {
    what: 'A lost lease does not stop the refresh',
    edits: [['AbortSignal.any([caller.signal, lease.signal])', 'caller.signal']],
    tests: ['test/refresh/publication.test.ts'],
  },
  {
    what: 'Whether a refresh is due is not checked again under the lease',
    edits: [['return (await findSkipReason(before.pointer, trigger, context)) ?? (await', 'return (await']],
    tests: ['test/refresh/refresh.test.ts'],
  },
  {
    what: 'Readers may start a refresh within five minutes of a success',
    edits: [['const quietMs = 5 * minute;', 'const quietMs = 0;']],
    tests: ['test/refresh/refresh.test.ts'],
  },
  {
    what: 'A pointer of a newer release is overwritten',
    edits: [
      ['if (pointer.schemaVersion > pointerVersion) return skip(', 'if (pointer.schemaVersion < 0) return skip('],
    ],
    tests: ['test/refresh/refresh.test.ts'],
  },
  {
    what: 'Records that have left the list are forgotten when events are searched',
    edits: [['if (fetchedAt - seenAt <= rememberedMs) known.set(', 'if (seenAt < 0) known.set(']],
    tests: ['test/refresh/known-rows.test.ts'],
  },
  {
    what: 'An event that the log has is added again',
    edits: [['return !isLogged(event) && ', 'return ']],
    tests: ['test/refresh/budget-events.test.ts'],
  },
  {
    what: 'An expired snapshot is served',
    edits: [["if (state === 'expired') return undefined;", '']],
    tests: ['test/reading/snapshot-reader.test.ts'],
  },
];

const upstream: readonly Breakage[] = [
  {
    what: 'A sign-in without MFA (900421) is retried',
    edits: [["codes: ['10001', '900421'],", "codes: ['10001', '900421'], retry: 'after-wait',"]],
    tests: ['test/partner-center/faults.test.ts'],
  },
  {
    what: '`Retry-After` is ignored',
    edits: [
      ['if (retryAfterMs !== undefined) return retryAfterMs +', 'if (retryAfterMs === -1) return retryAfterMs +'],
    ],
    tests: ['test/partner-center/retry.test.ts'],
  },
  {
    what: 'A gzip bomb is accepted',
    edits: [['if (bytes > maxBytes || isBomb)', 'if (bytes > maxBytes)']],
    tests: ['test/partner-center/content-coding.test.ts'],
  },
  {
    what: 'A link leads the token to another host',
    edits: [['if (given === null || given.origin !== base.origin)', 'if (given === null)']],
    tests: ['test/partner-center/paging.test.ts'],
  },
  {
    what: 'The new refresh token is not stored',
    edits: [['if (refreshToken !== undefined) await refreshTokens.storeIfOld(refreshToken, used, context);', '']],
    tests: ['test/partner-center/refresh-token.test.ts'],
  },
  {
    what: 'A refresh token that an operator has stored meanwhile is overwritten',
    edits: [['if (!isSuperseded) await store(', 'await store(']],
    tests: ['test/partner-center/refresh-token.test.ts'],
  },
  {
    what: 'The access token is logged',
    edits: [["context.log('token.exchanged', { ", "context.log('token.exchanged', { accessToken, "]],
    tests: ['test/partner-center/token.test.ts'],
  },
  {
    what: 'An error quotes the body of Partner Center',
    edits: [['return createRefusal(row, {', 'return createRefusal({ ...row, cause: answer.body.toString() }, {']],
    tests: ['test/partner-center/faults.test.ts'],
  },
  {
    what: 'The challenge of a foreign vault is trusted',
    edits: [
      [
        'disableChallengeResourceVerification: loopbackHosts',
        'disableChallengeResourceVerification: true || loopbackHosts',
      ],
    ],
    tests: ['test/secrets/key-vault-client.test.ts'],
  },
];

const answers: readonly Breakage[] = [
  {
    what: 'A number is parsed and written again',
    edits: [
      [
        "yield joinRecords(snapshot, rows.subarray(first), first === 0 ? start : '', end);",
        "const text = `[${joinRecords(snapshot, rows.subarray(first), '', '')}]`; yield Buffer.from((first === 0 ? start : '') + JSON.stringify(JSON.parse(text)).slice(1, -1) + end);",
      ],
    ],
    tests: ['test/query/page.test.ts'],
  },
  {
    what: 'The client principal header decides although keys are used',
    edits: [
      [
        "return callerAuth === 'entra' ? requireRole : () => undefined;",
        "return callerAuth === 'entra' ? requireRole : (headers, role) => { if (headers.get('x-ms-client-principal') !== null) requireRole(headers, role); };",
      ],
    ],
    tests: ['test/http/caller.test.ts'],
  },
  {
    what: 'A cached answer for one host is sent to another',
    edits: [['${reason} ${variant} ${address}`', '${reason} ${variant} ${query}`']],
    tests: ['test/functions/usage-records/list.test.ts'],
  },
  {
    what: "One route's ETag brings 304 or HEAD on another",
    edits: [['variant: `${resource} ${format} ', 'variant: `${format} ']],
    tests: ['test/functions/usage-records/one-customer.test.ts'],
  },
  {
    what: 'A cell that begins like a formula is written as it is',
    edits: [["text !== '' && formulaStarts.includes(text.charAt(0)) ? `'${text}` : text", 'text']],
    tests: ['test/views/csv.test.ts'],
  },
  {
    what: 'Any number of earlier lists are in memory at once',
    edits: [['const maxListsInUse = 3;', 'const maxListsInUse = Infinity;']],
    tests: ['test/functions/answers/heavy-answers.test.ts'],
  },
  {
    what: 'A gzip bomb in a month of history is decompressed',
    edits: [['gunzipAsync(block, { maxOutputLength: maxBlockBytes })', 'gunzipAsync(block)']],
    tests: ['test/functions/usage-history/hostile-months.test.ts'],
  },
  {
    what: 'Amounts without a currency are added up',
    edits: [["(unit === '' ? undefined : total.getAmount())", 'total.getAmount()']],
    tests: ['test/views/summary.test.ts'],
  },
];

export const breakages: readonly Breakage[] = [...storeAndRefresh, ...upstream, ...answers];
