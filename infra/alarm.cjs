// The alarm: an incident has been pending for 15 minutes, and still is 15 minutes later. CloudWatch shows it, and notifies `alarmTopicArn` if
// that is set.

/** @param {{ resolveConfigurationProperty(path: string[]): Promise<any> }} serverless */
module.exports = async ({ resolveConfigurationProperty }) => {
  const { state, alarmTopicArn } = await resolveConfigurationProperty(['custom', 'settings'])
  // With state=memory there is no sweep, so nothing would publish the metric.
  if (state !== 'dynamodb') return {}
  return {
    Resources: {
      OldestPendingAlarm: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: {
          AlarmDescription:
            'A message to Telegram has been pending for more than 15 minutes. The log of sweep says why.',
          Namespace: 'KubeEventerTelegram',
          MetricName: 'OldestPending',
          Dimensions: [{ Name: 'FunctionName', Value: { Ref: 'SweepLambdaFunction' } }],
          Statistic: 'Maximum',
          ComparisonOperator: 'GreaterThanThreshold',
          Threshold: 900,
          Period: 300,
          EvaluationPeriods: 3,
          DatapointsToAlarm: 3,
          TreatMissingData: 'notBreaching',
          ...(alarmTopicArn ? { AlarmActions: [alarmTopicArn] } : {}),
        },
      },
    },
  }
}
