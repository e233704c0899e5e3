import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toEvent } from '../../../lib/core/event/event.ts'
import { html } from '../../../lib/core/message/html.ts'
import { languages } from '../../../lib/core/message/words/languages.ts'
import { anyEvent, bodiesOf, crowd, traps } from '../../support/any-event.ts'
import { faultsOf, faultsOfText, isWithoutTdlib, looks } from '../../support/card-faults.ts'
import { readRecording, recordingNames } from '../../support/recordings.ts'
import { event } from '../../support/records.ts'

const corpusFiles = ['real-events.jsonl', 'awkward-cases.jsonl'].map((name) => `${process.env.CORPUS}/${name}`)
const hasCorpus = corpusFiles.every((file) => existsSync(file))

const readRecorded = (name: string): unknown[] =>
  readRecording(name).map(({ value }) => JSON.parse(JSON.parse(value ?? '').EventValue))
const readCorpus = (file: string): unknown[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).event)

/** The faults of the incidents of these events, in every language and with every kind of link. */
const faultsIn = (values: unknown[], among = looks) =>
  bodiesOf(values).flatMap((body) => among.flatMap((look) => faultsOf(body, look)))

// Gives the longest possible command.
const label = 'l'.repeat(63)
const deployment = { kind: 'Deployment', namespace: label, name: `${label}.${label}` }

const anyLook = fc.nat({ max: looks.length - 1 })

const nothing = ['\u200b', '\u0000', '\u001b[0m', '\u2060\ufeff', ' \n\t ', '\u2800\u3164', '\u0301\u200d', '\ufe0f']

describe.skipIf(isWithoutTdlib)(
  `Telegram parses a card as intended${isWithoutTdlib ? ' (skipped: @prebuilt-tdlib is not installed)' : ''}`,
  () => {
    it('of 20,000 events with any text anywhere', () => {
      fc.assert(
        fc.property(anyEvent, anyLook, (fields, look) => {
          expect(faultsIn([fields], looks.slice(look, look + 1))).toEqual([])
        }),
        { numRuns: 20_000, seed: 20_261_124 },
      )
    }, 120_000)

    it('of incidents made of any events about one object', () => {
      fc.assert(
        fc.property(fc.array(anyEvent, { minLength: 2, maxLength: 6 }), anyLook, (list, look) => {
          const { involvedObject, reason } = list[0] ?? {}
          const values = list.map((fields) => ({ ...fields, involvedObject, reason }))
          expect(faultsIn(values, looks.slice(look, look + 1))).toEqual([])
        }),
        { numRuns: 2_000, seed: 20_261_124 },
      )
    }, 60_000)

    it.each(recordingNames())(
      'of recording %s, each event and all incidents',
      (name) => {
        const values = readRecorded(name)
        expect(values.flatMap((value) => faultsIn([value], looks.slice(-1)))).toEqual([])
        expect(faultsIn(values)).toEqual([])
      },
      60_000,
    )

    it.runIf(hasCorpus).each(corpusFiles)(
      'of %s, each event and all incidents',
      (file) => {
        const values = readCorpus(file)
        expect(values.flatMap((value) => faultsIn([value], looks.slice(-1)))).toEqual([])
        expect(faultsIn(values)).toEqual([])
      },
      120_000,
    )

    it.each(['x', '<&>', '🚀', 'é.py ', '@a/b', '👨‍👩‍👧‍👦', 'http://x.y/'])(
      'of 64 and 200 events, objects and nodes: %s',
      (hostile) => {
        for (const fields of [{}, { reason: 'FailedScheduling', type: 'Warning' }, { involvedObject: deployment }]) {
          for (const size of [64, 200]) expect(faultsIn(crowd(hostile, size, fields))).toEqual([])
        }
      },
    )

    it.each(traps)('of %s in each field, and the card shows it', (trap) => {
      const involvedObject = { kind: trap, namespace: trap, name: `${trap}!`, fieldPath: `spec.containers{${trap}}` }
      const fields = { type: trap, reason: trap, message: trap, action: `${trap}?`, involvedObject }
      const others = { related: involvedObject, source: { component: trap, host: trap }, reportingInstance: `${trap};` }
      const [body, ...more] = bodiesOf([event(0, { ...fields, ...others })], trap)
      if (!body || more.length > 0) throw new Error('not one incident')
      for (const look of looks) {
        expect(faultsOf(body, look)).toEqual([])
        const { card } = look.words
        const text = look.renderer.text(body).markup.replace(/<[^>]*>/g, '')
        const shown = trap.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
        expect(text).toContain(
          `${shown} · ${shown}\n${shown} ${shown}/${shown}! ${card.inCluster} ${shown}\n${shown}\n`,
        )
        expect(text).toContain(`${card.container} ${shown} · ${card.node} ${shown}\n`)
        expect(text).toContain(
          `${shown} · ${card.on} ${shown}; · ${card.action} ${shown}? · ${card.related} ${shown} ${shown}/${shown}!`,
        )
      }
    })

    it.each(nothing)('of nothing but %j in every field: the card is not empty', (blank) => {
      const involvedObject = { kind: blank, namespace: blank, name: blank, fieldPath: `spec.containers{${blank}}` }
      const metadata = { name: blank, namespace: blank, uid: blank, resourceVersion: blank, creationTimestamp: blank }
      const texts = { type: blank, reason: blank, message: blank, action: blank, related: involvedObject }
      const origin = { source: { component: blank, host: blank }, reportingComponent: blank, reportingInstance: blank }
      const times = { firstTimestamp: blank, lastTimestamp: blank, eventTime: blank }
      const value = { metadata, involvedObject, ...texts, ...origin, ...times }
      expect(toEvent(value)).toBeDefined()
      expect(bodiesOf([value])).toHaveLength(1)
      expect(faultsIn([value])).toEqual([])
    })

    it.each(Object.entries(languages))(
      'with each title, hint and word of “%s”',
      (_, { titles, hints, card, scheduling }) => {
        const words = Object.values(card).filter((word) => typeof word === 'string')
        for (const title of Object.values(titles)) expect(faultsOfText(html`🔴 <b>${title}</b>`.markup)).toEqual([])
        for (const hint of Object.values(hints)) expect(faultsOfText(html`💡 <i>${hint}</i>`.markup)).toEqual([])
        for (const word of [...words, ...Object.values(scheduling)])
          expect(faultsOfText(html`${word}`.markup)).toEqual([])
      },
    )
  },
)
