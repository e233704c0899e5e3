#!/bin/bash
# Creates kube-eventer's topic at BROKERS, or corrects its settings. It is safe to run again at any time.
set -euo pipefail

settings=(
  # 7 days.
  retention.ms=604800000
  # Stock kube-eventer's records have no timestamp (-1), so the broker adds its own.
  message.timestamp.type=LogAppendTime
  # Limits per partition, since the disk is small: about 100,000 events in total. Kafka deletes whole segments only.
  retention.bytes=536870912
  segment.bytes=134217728
)

kafka=/opt/kafka/bin
options=()
for setting in "${settings[@]}"; do options+=(--config "$setting"); done
# Each partition can have its own worker. More partitions cost no ordering: kube-eventer writes to them in turn anyway.
"$kafka/kafka-topics.sh" --bootstrap-server "$BROKERS" --create --if-not-exists --topic kube-events \
  --partitions 3 --replication-factor 1 "${options[@]}"
"$kafka/kafka-configs.sh" --bootstrap-server "$BROKERS" --alter --entity-type topics --entity-name kube-events \
  --add-config "$(IFS=, && echo "${settings[*]}")"
"$kafka/kafka-topics.sh" --bootstrap-server "$BROKERS" --describe --topic kube-events
