/** What has the right form: what is told of each file in mistakes/. */
export const mistakesOfMeaning: Record<string, string[]> = {
  'regex-that-does-not-parse': [
    'regex-that-does-not-parse.yml, line 3, rules[0].match.message: given "(", expected a regular expression (/(/: Unterminated group)',
    'regex-that-does-not-parse.yml, line 5, rules[1].match.name[1]: given "/[/", expected a regular expression (/[/: Unterminated character class)',
    'regex-that-does-not-parse.yml, line 6, rules[1].except.message: given "*oops", expected a regular expression (/*oops/: Nothing to repeat)',
  ],
  'regex-that-may-take-for-ever': [
    'regex-that-may-take-for-ever.yml, line 3, rules[0].match.message: given "(a+)+(?=b)", expected a regular expression that takes time in proportion to the text: without lookahead, back-references, (?i:…) and counts above 16, inner times outer',
    'regex-that-may-take-for-ever.yml, line 7, rules[2].match.message: given "(a*)*\\\\1$", expected a regular expression that takes time in proportion to the text: without lookahead, back-references, (?i:…) and counts above 16, inner times outer',
  ],
  'regex-with-large-count': [
    'regex-with-large-count.yml, line 3, rules[0].match.message: given "(a{1,900}){1,900}", expected a regular expression that takes time in proportion to the text: without lookahead, back-references, (?i:…) and counts above 16, inner times outer',
  ],
  'regex-and-misspelt-action-in-one-rule': [
    'regex-and-misspelt-action-in-one-rule.yml, line 3, rules[0].match.message: given "(", expected a regular expression (/(/: Unterminated group)',
    'regex-and-misspelt-action-in-one-rule.yml, line 4, rules[0].action: given "shwo", expected show or drop; did you mean "show"?',
  ],
  'glob-that-looks-odd': [],
  'unknown-cause': [
    'unknown-cause.yml, line 3, rules[0].match.cause: given "crash-lop", expected a cause of the table (README, Causes), or a reason; did you mean "crash-loop"?',
    'unknown-cause.yml, line 5, rules[1].match.cause[1]: given "nonsense", expected a cause of the table (README, Causes), or a reason',
  ],
  'node-in-namespace': [
    'node-in-namespace.yml, line 2, rules[0]: given "a", expected what an event can match; objects of this kind are in no namespace: only their events are in "default"',
    'node-in-namespace.yml, line 4, rules[1]: given "b", expected what an event can match; objects of this kind are in no namespace: only their events are in "default"',
  ],
  'reason-that-never-has-the-cause': [
    'reason-that-never-has-the-cause.yml, line 2, rules[0]: given "a", expected what an event can match; this reason never has this cause',
    'reason-that-never-has-the-cause.yml, line 4, rules[1]: given "b", expected what an event can match; these reasons never have these causes',
  ],
  'severity-that-the-cause-never-has': [
    'severity-that-the-cause-never-has.yml, line 2, rules[0]: given "a", expected what an event can match; this cause is always of severity warning',
    'severity-that-the-cause-never-has.yml, line 5, routes[0]: given a route, expected what an event can match; these causes are always of severity warning or info',
  ],
  'severity-of-route-that-a-rule-gives': [],
  'except-that-takes-all-away': [
    'except-that-takes-all-away.yml, line 2, rules[0]: given "a", expected what an event can match; `except` takes all of it away',
    'except-that-takes-all-away.yml, line 5, rules[1]: given "b", expected what an event can match; `except` takes all of it away',
    'except-that-takes-all-away.yml, line 8, rules[2]: given "c", expected what an event can match; `except` takes all of it away',
  ],
  'rule-behind-catch-all': [
    'rule-behind-catch-all.yml, line 3, rules[1]: given "never", expected what can be reached; rules[0] matches all that it matches',
  ],
  'rule-behind-wider-list': [
    'rule-behind-wider-list.yml, line 4, rules[1]: given "narrow", expected what can be reached; rules[0] matches all that it matches',
  ],
  'rule-behind-glob': [
    'rule-behind-glob.yml, line 4, rules[1]: given "narrow", expected what can be reached; rules[0] matches all that it matches',
  ],
  'unreachable-route': [
    'unreachable-route.yml, line 4, routes[1]: given a route, expected what can be reached; routes[0] matches all that it matches',
  ],
  'route-behind-continue': [],
  'mute-behind-mute': [],
  'unknown-target': [
    'unknown-target.yml, line 5, routes[0].to[0]: given "platfrom", expected a name in targets, or a chat id as -1001234567890, with thread -1001234567890:42, or "@channel"; did you mean "platform"?',
    'unknown-target.yml, line 6, routes[1].to: given "nobody", expected a name in targets, or a chat id as -1001234567890, with thread -1001234567890:42, or "@channel"',
    'unknown-target.yml, line 8, quiet[0].targets: given "paltform", expected a name in targets, or a chat id as -1001234567890, with thread -1001234567890:42, or "@channel"; did you mean "platform"?',
    'unknown-target.yml, line 9, fallback: given "platforms", expected a name in targets, or a chat id as -1001234567890, with thread -1001234567890:42, or "@channel"; did you mean "platform"?',
    'unknown-target.yml, line 10, suppressed.target: given "platform1", expected a name in targets, or a chat id as -1001234567890, with thread -1001234567890:42, or "@channel"; did you mean "platform"?',
    'unknown-target.yml, line 11, watchdog.target: given "paltform", expected a name in targets, or a chat id as -1001234567890, with thread -1001234567890:42, or "@channel"; did you mean "platform"?',
    'needs state: unknown-target.yml, line 10, suppressed: given a time, expected STATE=sqlite:… or dynamodb:… for it: not told',
    'needs state: unknown-target.yml, line 11, watchdog: given a duration, expected STATE=sqlite:… or dynamodb:… for it: not told',
  ],
  'chat-under-two-names': [
    'chat-under-two-names.yml, line 3, targets.oncall: given -1001, expected a chat or thread of its own: it is that of ops',
    'chat-under-two-names.yml, line 5, targets.same: given "-1001:42", expected a chat or thread of its own: it is that of thread',
  ],
  'hold-that-never-ends': [
    'hold-that-never-ends.yml, line 8, quiet[0].action: given "hold", expected a time at which ops hears of it: together these hours never end',
    'needs state: hold-that-never-ends.yml, line 8, quiet[0].action: given "hold", expected STATE=sqlite:… or dynamodb:… for it: sent without a sound',
    'needs state: hold-that-never-ends.yml, line 9, quiet[1].action: given "hold", expected STATE=sqlite:… or dynamodb:… for it: sent without a sound',
    'needs state: hold-that-never-ends.yml, line 10, quiet[2].action: given "hold", expected STATE=sqlite:… or dynamodb:… for it: sent without a sound',
  ],
  'malformed-chat-id': [
    'malformed-chat-id.yml, line 2, targets.a: given "@x", expected a chat id as -1001234567890, with thread -1001234567890:42, or "@channel"',
    'malformed-chat-id.yml, line 3, targets.b: given "-1001234567890:general", expected a chat id as -1001234567890, with thread -1001234567890:42, or "@channel"',
    'malformed-chat-id.yml, line 4, targets.c: given "My alerts", expected a chat id as -1001234567890, with thread -1001234567890:42, or "@channel"',
    'malformed-chat-id.yml, line 5, targets.d: given 0, expected a chat id as -1001234567890, with thread -1001234567890:42, or "@channel"',
    'malformed-chat-id.yml, line 6, targets.e: given 1.5, expected a chat id as -1001234567890',
    'malformed-chat-id.yml, line 8, routes[0].to[5]: given "f", expected a name in targets, or a chat id as -1001234567890, with thread -1001234567890:42, or "@channel"',
  ],
  'unknown-time-zone': [
    'unknown-time-zone.yml, line 2, quiet[0].zone: given "Europe/Berln", expected an IANA time zone as Europe/Berlin',
    'unknown-time-zone.yml, line 3, suppressed.zone: given "CEST5", expected an IANA time zone as Europe/Berlin',
    'needs state: unknown-time-zone.yml, line 3, suppressed: given a time, expected STATE=sqlite:… or dynamodb:… for it: not told',
  ],
  'time-of-day-that-there-is-not': [
    'time-of-day-that-there-is-not.yml, line 2, quiet[0].from: given "25:00", expected a time of day as 22:00',
    'time-of-day-that-there-is-not.yml, line 2, quiet[0].to: given "6:00", expected a time of day as 22:00',
    'time-of-day-that-there-is-not.yml, line 3, suppressed.at: given "9am", expected a time of day as 22:00',
    'needs state: time-of-day-that-there-is-not.yml, line 3, suppressed: given a time, expected STATE=sqlite:… or dynamodb:… for it: not told',
  ],
  'suppressed-without-time': [
    'suppressed-without-time.yml, line 1, suppressed: given no at, expected a time of day as 22:00',
    'needs state: suppressed-without-time.yml, line 1, suppressed: given a time, expected STATE=sqlite:… or dynamodb:… for it: not told',
  ],
  'suppressed-of-another-word': [
    'suppressed-of-another-word.yml, line 1, suppressed: given "never", expected off, or { at: 09:00 }',
  ],
  'hours-without-length': [
    'hours-without-length.yml, line 2, quiet[0].to: given "22:00", expected another time than `from`',
  ],
  'mute-without-end': [
    'mute-without-end.yml, line 2, mutes[0]: given no until, expected a time as 2026-12-01T08:00:00Z or 2026-12-01T08:00:00+01:00',
  ],
  'mute-without-reason': ['mute-without-reason.yml, line 2, mutes[0]: given no reason, expected a text'],
  'mute-until-no-day': [
    'mute-until-no-day.yml, line 2, mutes[0].until: given "2027-02-30T00:00:00Z", expected a day that there is',
    'mute-until-no-day.yml, line 3, mutes[1].until: given "2027-13-01T00:00:00Z", expected a time that there is',
    'mute-until-no-day.yml, line 4, mutes[2].until: given "2027-01-01T25:00:00Z", expected a time that there is',
  ],
  'mute-without-zone': [
    'mute-without-zone.yml, line 2, mutes[0].until: given "2027-01-01T00:00:00", expected a time as 2026-12-01T08:00:00Z or 2026-12-01T08:00:00+01:00',
    'mute-without-zone.yml, line 3, mutes[1].until: given "tomorrow", expected a time as 2026-12-01T08:00:00Z or 2026-12-01T08:00:00+01:00',
  ],
  'mute-that-has-expired': [
    'warning: mute-that-has-expired.yml, line 2, mutes[0].until: given "2026-11-01T00:00:00Z", expected a time to come: this mute has expired',
  ],
  'target-that-nothing-uses': [
    'warning: target-that-nothing-uses.yml, line 1, targets.e: given "e", expected a route that leads there',
    'needs state: target-that-nothing-uses.yml, line 7, suppressed: given a time, expected STATE=sqlite:… or dynamodb:… for it: not told',
    'needs state: target-that-nothing-uses.yml, line 8, watchdog: given a duration, expected STATE=sqlite:… or dynamodb:… for it: not told',
  ],
  'what-needs-durable-state': [
    'needs state: what-needs-durable-state.yml, line 2, quiet[0].action: given "hold", expected STATE=sqlite:… or dynamodb:… for it: sent without a sound',
    'needs state: what-needs-durable-state.yml, line 3, suppressed: given a time, expected STATE=sqlite:… or dynamodb:… for it: not told',
    'needs state: what-needs-durable-state.yml, line 4, watchdog: given a duration, expected STATE=sqlite:… or dynamodb:… for it: not told',
  ],
  'watchdog-that-is-too-short': [
    'watchdog-that-is-too-short.yml, line 2, watchdog.after: given "4m", expected from 5m to 24h',
    'needs state: watchdog-that-is-too-short.yml, line 2, watchdog: given a duration, expected STATE=sqlite:… or dynamodb:… for it: not told',
  ],
  'watchdog-that-is-too-long': [
    'watchdog-that-is-too-long.yml, line 2, watchdog.after: given "2d", expected from 5m to 24h',
    'needs state: watchdog-that-is-too-long.yml, line 2, watchdog: given a duration, expected STATE=sqlite:… or dynamodb:… for it: not told',
  ],
  'watchdog-without-duration': [
    'watchdog-without-duration.yml, line 1, watchdog: given no after, expected a duration as 30s, 10m, 2h or 1d',
    'needs state: watchdog-without-duration.yml, line 1, watchdog: given a duration, expected STATE=sqlite:… or dynamodb:… for it: not told',
  ],
  'watchdog-of-another-form': [
    'watchdog-of-another-form.yml, line 1, watchdog.after: given 30, expected a duration as 30s, 10m, 2h or 1d',
    'needs state: watchdog-of-another-form.yml, line 1, watchdog: given a duration, expected STATE=sqlite:… or dynamodb:… for it: not told',
  ],
  'watchdog-without-map': ['watchdog-without-map.yml, line 1, watchdog: given "30m", expected a map of after, target'],
  'link-that-telegram-refuses': [
    'link-that-telegram-refuses.yml, line 2, rules[0].link: given "http://grafana/{namespace}", expected an http or https address whose host has a dot, as https://grafana.example.com/explore?ns={namespace}, with any of {cluster} {namespace} {workload} {cause} {kind} {name} {container} {node} {reason} {from} {to} behind its host',
    'link-that-telegram-refuses.yml, line 3, rules[1].link: given "https://example.com/{nmaespace}", expected an http or https address whose host has a dot, as https://grafana.example.com/explore?ns={namespace}, with any of {cluster} {namespace} {workload} {cause} {kind} {name} {container} {node} {reason} {from} {to} behind its host',
    'link-that-telegram-refuses.yml, line 4, rules[2].link: given "https://user:<secret>@example.com/", expected an http or https address whose host has a dot, as https://grafana.example.com/explore?ns={namespace}, with any of {cluster} {namespace} {workload} {cause} {kind} {name} {container} {node} {reason} {from} {to} behind its host',
  ],
  'hint-too-long': [
    'hint-too-long.yml, line 4, rules[0].hint: given "Call the team. Call the team. Call the team. Call the team. Call the team. Call the team. Call the team. Call the team. Call the team. Call the team. Call the team. Call the team. Call the team. Call…, expected at most 300 characters',
  ],
}
