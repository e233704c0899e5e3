// The one alarm: something has been pending for a quarter of an hour, and still is a quarter of an hour later. It is shown in CloudWatch, and
// told to `alarmTopicArn` if that is given.

/** @param {{ resolveConfigurationProperty(path: string[]): Promise<any> }} serverless */
module.exports = async ({ resolveConfigurationProperty }) => {
  const { state, alarmTopicArn } = await resolveConfigurationProperty(['custom', 'settings'])
  // Memory owes nothing, and nobody would publish the metric.
  if (state !== 'dynamodb') return {}
  return {
    Resources: {
      OldestPendingAlarm: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: {
          AlarmDescription:
            'Something has been pending to Telegram for more than 15 minutes: the log of sweep says why.',
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
