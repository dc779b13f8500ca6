import { list } from '../faults/fault-walk.ts';
import { ready } from './scene.ts';
import type { Scene } from './scene.ts';

/** What is done, and the alert rules that fire when Azure looks right after it. */
export type Step = readonly [what: string, act: (scene: Scene) => Promise<unknown>, fires: readonly string[]];

type Play = {
  /** The fault, until an operator has seen what the runbook says. */
  readonly fault: readonly Step[];
  /** What the runbook says to do, until nothing is wrong any more. */
  readonly cure: readonly Step[];
};

const customerId = '11111111-6fb9-4b05-8f15-b3d72e0596e6';

/** By the words of each row under "What it is". */
export const runbookScenes: Readonly<Record<string, Play>> = {
  'The refresh token has expired or was revoked': {
    fault: [
      ['at a tick', (scene) => scene.refreshUnder('entra', 'refresh-token-expired'), ['consent-lost']],
      ['and waits for a person', (scene) => scene.advanceAndTick(0.3), []],
    ],
    cure: [['who signs in by npm run consent', (scene) => scene.consent(), []]],
  },
  'The sign-in behind the token had no MFA': {
    fault: [['at a tick', (scene) => scene.refreshUnder('partner-center', 'mfa-required'), ['consent-lost']]],
    cure: [['a person signs in with MFA', (scene) => scene.renew(), []]],
  },
  'A policy, a disabled account or a withdrawn consent': {
    fault: [
      ['a policy', (scene) => scene.refreshUnder('entra', 'AADSTS53003'), ['consent-lost']],
      ['until a person signs in', (scene) => scene.renew(), []],
      ['a disabled account', (scene) => scene.refreshUnder('entra', 'AADSTS50057'), ['consent-lost']],
      ['until another person signs in', (scene) => scene.renew(), []],
      ['a withdrawn consent', (scene) => scene.refreshUnder('entra', 'AADSTS65001'), ['consent-lost']],
    ],
    cure: [['consent is given and a person signs in', (scene) => scene.renew(), []]],
  },
  'The client secret or certificate is wrong or has expired': {
    fault: [
      ['at a tick', (scene) => scene.refreshUnder('entra', 'client-secret-expired'), []],
      ['at three ticks', (scene) => scene.advanceAndTick(0.04, 0.04), ['refresh-failing']],
    ],
    cure: [
      ['a new secret is stored', (scene) => scene.renew('partner-center-client-secret'), ['refresh-failing']],
      ['an hour ago', (scene) => scene.advance(1.02), []],
    ],
  },
  'The user who consented may not read usage': {
    fault: [
      ['at a tick', (scene) => scene.refreshUnder('partner-center', '403-900308'), []],
      ['at three ticks', (scene) => scene.advanceAndTick(0.04, 0.04), ['refresh-failing']],
    ],
    cure: [
      ['the user gets the role', (scene) => scene.recover(), ['refresh-failing']],
      ['an hour ago', (scene) => scene.advance(1.02), []],
    ],
  },
  'No new refresh token was stored for 60 days': {
    fault: [
      [
        'the vault takes none on the day of the rotation',
        (scene) => scene.refreshUnder('key-vault', '403', 12, 13),
        [],
      ],
      ['nor an hour later', (scene) => scene.advanceAndTick(1.1), ['token-store-failed']],
      ['Entra sends none for 59.7 days', (scene) => scene.settle().then(() => scene.ageToken(59.7)), []],
      ['for 60.1 days', (scene) => scene.ageToken(60.1), ['token-age-60']],
      ['for 74.7 days', (scene) => scene.ageToken(74.7), ['token-age-60']],
      ['for 75.1 days', (scene) => scene.ageToken(75.1), ['token-age-75']],
      ['for 84.7 days', (scene) => scene.ageToken(84.7), ['token-age-75']],
      ['for 85.1 days', (scene) => scene.ageToken(85.1), ['token-age-85']],
    ],
    cure: [
      ['a new token is stored', (scene) => scene.recover(1.1), ['token-age-85']],
      ['six hours ago', (scene) => scene.advanceAndTick(6.1), []],
    ],
  },
  'Partner Center asks to wait': {
    fault: [['at a tick', (scene) => scene.refreshUnder('partner-center', '429'), []]],
    cure: [['the wait is over', (scene) => scene.recover(), []]],
  },
  'Partner Center or Entra is down or too slow': {
    fault: [
      // A day later in all, so no whole UTC day passes without a list.
      ['from eight on', (scene) => scene.advanceToHour(8), []],
      ['Partner Center for two hours', (scene) => scene.refreshUnder('partner-center', '503', 2), []],
      ['Entra for a day', (scene) => scene.refreshUnder('entra', '503', 23), ['refresh-missed']],
      ['and somebody reads', (scene) => scene.read(), ['refresh-missed', 'data-degraded']],
    ],
    cure: [
      ['they answer', (scene) => scene.recover(), ['data-degraded']],
      ['an hour ago', (scene) => scene.advance(1.02), []],
    ],
  },
  'Key Vault is down, or its firewall or a role is wrong': {
    fault: [
      ['a process that knows the secrets', (scene) => scene.refreshUnder('key-vault', '403'), []],
      ['one that does not', (scene) => scene.startApp().then(() => scene.advanceAndTick(1.1)), []],
    ],
    cure: [['the role is given', (scene) => scene.recover(), []]],
  },
  'Blob storage is down, or its firewall or a role is wrong': {
    fault: [
      ['a warm instance', (scene) => scene.refreshUnder('storage', '403').then(() => scene.read()), []],
      ['a new instance is asked twice', (scene) => scene.startApp().then(() => scene.read(list, 2)), []],
      ['a third time', (scene) => scene.read(), ['reads-unavailable']],
      ['a fourth', (scene) => scene.read(), ['reads-unavailable']],
      ['and a fifth', (scene) => scene.read(), ['reads-unavailable', 'server-errors']],
    ],
    cure: [['the role is given', (scene) => scene.recover(), []]],
  },
  'The list lost more than half of its records, or all costs': {
    fault: [
      ['half of its records', (scene) => scene.refreshUnder('partner-center', 'half-gone'), ['refresh-quarantined']],
      ['until they are back', (scene) => scene.recover(1.1), []],
      ['all costs', (scene) => scene.refreshUnder('partner-center', 'zero-cost'), ['refresh-quarantined']],
    ],
    cure: [['Partner Center lists them again', (scene) => scene.recover(1.1), []]],
  },
  'The answer is not JSON, or not a list of records': {
    fault: [['at a tick', (scene) => scene.refreshUnder('partner-center', 'truncated'), ['refresh-quarantined']]],
    cure: [['Partner Center sends a list again', (scene) => scene.recover(1.1), []]],
  },
  'Some records do not have the documented schema': {
    fault: [
      [
        'one of sixty',
        async (scene) => {
          await scene.stage.control({ setRecord: { customerId, raw: { percentUsed: 'null' } } });
          await scene.advanceAndTick(1.1);
        },
        [],
      ],
    ],
    cure: [
      [
        'Partner Center mends it',
        async (scene) => {
          await scene.stage.control({ setRecord: { customerId, raw: { percentUsed: '602.84' } } });
          await scene.advanceAndTick(1.1);
        },
        [],
      ],
    ],
  },
  'Settings are bad or missing': {
    fault: [
      [
        'and a caller meets it',
        (scene) => scene.startApp({ KEY_VAULT_URL: ' ' }).then(() => scene.read()),
        ['misconfigured'],
      ],
    ],
    cure: [
      ['the app restarts with the setting', (scene) => scene.startApp().then(() => scene.advanceAndTick(1.1)), []],
    ],
  },
  'There is no snapshot yet': {
    fault: [
      [
        'right after the deployment',
        (scene) => scene.deploy().then(() => scene.refreshUnder('partner-center', '404', 0)),
        [],
      ],
      ['and callers come', (scene) => scene.read(list, 3), ['reads-unavailable']],
    ],
    cure: [['the first refresh succeeds', (scene) => scene.recover(), []]],
  },
  'Cold start: a new instance loads code, pointer and snapshot': {
    fault: [['a new instance is asked', (scene) => scene.startApp().then(() => scene.read()), []]],
    cure: [['the next answer', (scene) => scene.read(), []]],
  },
  'The timer does not run': {
    fault: [
      ['for 2.9 hours', (scene) => scene.advance(2.9), []],
      ['for 3.1 hours', (scene) => scene.advance(0.2), ['refresh-missed']],
    ],
    cure: [['it runs again', (scene) => scene.advanceAndTick(0.1), []]],
  },
  'Partner Center computes each record once a day': {
    fault: [
      ['after the list of a day', (scene) => scene.advanceToHour(7), []],
      ['nothing is new', (scene) => scene.advanceAndTick(1.1, 1.1), []],
    ],
    cure: [['the list of the next day', (scene) => scene.advanceToHour(7), []]],
  },
  'No list was accepted on a whole UTC day': {
    fault: [
      ['the timer does not run for two days', (scene) => scene.advance(49), ['refresh-missed']],
      ['and runs again', (scene) => scene.advanceAndTick(0.1), ['history-gap']],
    ],
    cure: [['an hour ago', (scene) => scene.advanceAndTick(1.1), []]],
  },
  'A defect of the service': {
    fault: [
      ['fails a caller', (scene) => scene.startDefectiveApp().then(() => scene.read('/api/usagesummary')), []],
      ['five times', (scene) => scene.read('/api/usagesummary', 4), ['server-errors']],
    ],
    cure: [
      [
        'a new release is deployed',
        (scene) => scene.startApp().then(() => scene.read('/api/usagesummary')),
        ['server-errors'],
      ],
      ['a quarter of an hour ago', (scene) => scene.advanceAndTick(1.1), []],
    ],
  },
  'The workspace accepts no more logs today': {
    fault: [['Azure says so', (scene) => scene.useUpLogQuota(), ['log-quota']]],
    cure: [['the next day', (scene) => scene.advanceAndTick(12, 12), []]],
  },
};

/** What is no row of its own: when a rule fires, and what none fires for. */
export const otherScenes: Readonly<Record<string, readonly Step[]>> = {
  'Partner Center answers 404': [
    ['once', (scene) => scene.refreshUnder('partner-center', '404'), []],
    ['twice', (scene) => scene.advanceAndTick(0.04), []],
    ['three times', (scene) => scene.advanceAndTick(0.04), ['refresh-failing']],
    ['for an hour more, without another try', (scene) => scene.advance(1.1), []],
    ['for three hours in all', (scene) => scene.advanceAndTick(1), ['refresh-missed']],
  ],
  'an answer is odd, but good': [
    ['with a byte order mark', (scene) => scene.refreshUnder('partner-center', 'bom'), []],
    ['with a total that is not the count', (scene) => scene.refreshUnder('partner-center', 'count-mismatch'), []],
    ['and health is asked', (scene) => scene.read(ready), []],
  ],
};
