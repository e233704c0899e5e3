#!/bin/bash
# Makes kube-eventer's topic, or sets it right if it is there. Can be run again at any time; BROKERS says where.
set -euo pipefail

settings=(
  # 7 days.
  retention.ms=604800000
  # Stock kube-eventer's records have no time (-1); so they get the broker's.
  message.timestamp.type=LogAppendTime
  # Of each partition: the disk is small. Some 100,000 events in all, and a segment is only deleted whole.
  retention.bytes=536870912
  segment.bytes=134217728
)

kafka=/opt/kafka/bin
options=()
for setting in "${settings[@]}"; do options+=(--config "$setting"); done
# kube-eventer deals records out to partitions in turn, so more of them cost no order; so many workers can share the work.
"$kafka/kafka-topics.sh" --bootstrap-server "$BROKERS" --create --if-not-exists --topic kube-events \
  --partitions 3 --replication-factor 1 "${options[@]}"
"$kafka/kafka-configs.sh" --bootstrap-server "$BROKERS" --alter --entity-type topics --entity-name kube-events \
  --add-config "$(IFS=, && echo "${settings[*]}")"
"$kafka/kafka-topics.sh" --bootstrap-server "$BROKERS" --describe --topic kube-events
