type Line = Record<string, unknown>

/** The program's log lines in an output that also contains other text. */
export function linesOf(output: string): Line[] {
  return output.split('\n').flatMap((text) => {
    try {
      const line: unknown = JSON.parse(text)
      return typeof line === 'object' && line !== null && 'message' in line ? [line as Line] : []
    } catch {
      return []
    }
  })
}

/** The values of the metrics in an output, each with its unit and dimensions (CloudWatch Embedded Metric Format specification). */
export function metricsOf(
  output: string,
): Record<string, { value: unknown; namespace: unknown; functionName: unknown }> {
  const metrics = linesOf(output).flatMap((line) => {
    const { CloudWatchMetrics: groups = [] } = (line._aws ?? {}) as {
      CloudWatchMetrics?: { Namespace: string; Metrics: { Name: string }[] }[]
    }
    return groups.flatMap(({ Namespace: namespace, Metrics }) =>
      Metrics.map(({ Name }) => [Name, { value: line[Name], namespace, functionName: line.FunctionName }] as const),
    )
  })
  return Object.fromEntries(metrics)
}
