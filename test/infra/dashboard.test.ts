import { assert, constantFrom, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alarms, type WatchInput } from '../../infra/aws/template/alarms.ts'
import { dashboard } from '../../infra/aws/template/dashboard.ts'
import { metrics } from '../../lib/pipeline/ports.ts'
import { diverting, lambdaMetrics, onDemand, provisioned, watchInputs } from './watch-inputs.ts'

interface Widget {
  type: string
  x: number
  y: number
  width: number
  height: number
  properties: { title: string; alarms?: string[]; metrics?: (string | { label: string })[][] }
}

describe.each(watchInputs)('dashboard of $name', ({ input }) => {
  const widgets = widgetsOf(input)
  const lines = widgets.flatMap(({ properties }) => properties.metrics ?? [])

  it('shows all alarms', () => {
    const shown = widgets.flatMap(({ properties }) => properties.alarms ?? [])
    expect(shown).toEqual(Object.keys(alarms(input).Resources).map((id) => `<${id}.Arn>`))
  })

  it('has lines in each graph', () => {
    for (const { type, properties } of widgets)
      if (type === 'metric') expect(properties.metrics, properties.title).not.toEqual([])
  })

  it('has metrics that exist', () => {
    const known = new Set([
      ...metrics.map(({ Name }) => `KubeEventerTelegram ${Name} FunctionName`),
      ...lambdaMetrics.FunctionName.map((name) => `AWS/Lambda ${name} FunctionName`),
      ...lambdaMetrics.EventSourceMappingUUID.map((name) => `AWS/Lambda ${name} EventSourceMappingUUID`),
      // Amazon DynamoDB Developer Guide, "DynamoDB metrics and dimensions"
      'AWS/DynamoDB ConsumedReadCapacityUnits TableName',
      'AWS/DynamoDB ConsumedWriteCapacityUnits TableName',
    ])
    for (const [namespace, name, dimension] of lines) expect(known).toContain(`${namespace} ${name} ${dimension}`)
  })

  it('has few enough metrics to be free', () => {
    // Amazon CloudWatch pricing: three dashboards with up to 50 metrics each
    const each = new Set(lines.map((line) => line.filter((part) => typeof part === 'string').join(' ')))
    expect(each.size).toBeLessThanOrEqual(50)
  })

  it('has labels that differ within a graph', () => {
    for (const { properties } of widgets) {
      const labels = (properties.metrics ?? []).map((line) => (line.at(-1) as { label: string }).label)
      expect(new Set(labels).size, properties.title).toBe(labels.length)
    }
  })
})

describe('dashboard', () => {
  it('shows all metrics of the program', () => {
    const shown = new Set(
      widgetsOf(provisioned)
        .flatMap(({ properties }) => properties.metrics ?? [])
        .map(([, name]) => name),
    )
    // With on-demand pollers Records stands for the mappings' own metrics.
    expect(metrics.map(({ Name }) => Name).filter((name) => !shown.has(name))).toEqual(['Records'])
    expect(JSON.stringify(widgetsOf(onDemand))).toContain('"Records"')
  })

  it('shows what goes to the destination onFailure', () => {
    expect(JSON.stringify(widgetsOf(diverting))).toContain('OnFailureDestinationDeliveredEventCount')
    expect(JSON.stringify(widgetsOf(provisioned))).not.toContain('OnFailureDestinationDeliveredEventCount')
  })

  it('fills rows of 24 columns without overlap, with any number of mappings', () => {
    assert(
      property(
        integer({ min: 1, max: 120 }),
        constantFrom('dynamodb' as const, 'memory' as const),
        constantFrom('provisioned' as const, 'on-demand' as const),
        (count, state, delivery) => {
          const mappings = Array.from({ length: count }, (_, index) => ({
            id: `NotifyEventSource${index}`,
            source: 'prod',
            topic: `topic-${index}`,
          }))
          const widgets = widgetsOf({
            state,
            delivery,
            alarmTopicArns: [],
            mappings,
            givesUp: true,
            hasDestination: true,
          })
          const cells = widgets.flatMap(cellsOf)
          expect(new Set(cells).size).toBe(cells.length)
          for (const { x, width } of widgets) expect(x + width).toBeLessThanOrEqual(24)
          // CloudWatch-Dashboard-Body-Structure: alarms in a widget, metrics in a graph
          for (const { properties } of widgets) {
            expect(properties.alarms?.length ?? 0).toBeLessThanOrEqual(100)
            expect(properties.metrics?.length ?? 0).toBeLessThanOrEqual(500)
          }
        },
      ),
      { numRuns: 30 },
    )
  })

  it('is named like the stack, and its address fits each partition', () => {
    const { Resources, Outputs, Conditions } = dashboard(provisioned)
    expect(Resources.Dashboard?.Properties.DashboardName).toEqual({ Ref: 'AWS::StackName' })
    expect(Object.keys(Conditions ?? {})).toEqual(['IsInChina', 'IsInGovCloud'])
    expect(JSON.stringify(Outputs?.Dashboard?.Value)).toContain('amazonaws-us-gov.com')
  })
})

/** As CloudWatch gets them: CloudFormation replaces each reference. */
function widgetsOf(input: WatchInput): Widget[] {
  const { DashboardBody } = dashboard(input).Resources.Dashboard?.Properties ?? {}
  const [text, variables] = [
    (DashboardBody as { 'Fn::Sub': string | [string, Record<string, string>] })['Fn::Sub'],
    {},
  ].flat() as [string, Record<string, string>]
  const filled = text.replace(/\$\{([^}]+)\}/g, (_, name: string) => variables[name] ?? `<${name}>`)
  return (JSON.parse(filled) as { widgets: Widget[] }).widgets
}

function cellsOf({ x, y, width, height }: Widget): string[] {
  return Array.from({ length: width * height }, (_, index) => `${x + (index % width)},${y + Math.floor(index / width)}`)
}
