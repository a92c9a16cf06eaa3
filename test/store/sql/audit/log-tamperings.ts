/** What somebody does to the log of what operators did, and by which SQL. */
export const LOG_TAMPERINGS: readonly (readonly [what: string, sql: string])[] = [
  ['somebody else did it', `update operator_actions set username = 'checker' where action_id = 2`],
  ['it was another thing', `update operator_actions set after = '{"a":2,"b":4}' where action_id = 2`],
  ['it was earlier', 'update operator_actions set at = at - 1 where action_id = 1'],
  ['it was nothing', 'delete from operator_actions where action_id = 3'],
  ['the end is torn out', 'delete from operator_actions where action_id = (select last_id from operator_actions_head)'],
  ['all of it is torn out', 'delete from operator_actions'],
  [
    'two change places',
    'update operator_actions set action_id = -action_id where action_id in (2, 3); update operator_actions set action_id = 5 + action_id where action_id < 0',
  ],
  [
    'one is put in',
    `insert into operator_actions select (select last_id + 1 from operator_actions_head), at, username, action, subject, before, after, key_id, mac from operator_actions where action_id = 4`,
  ],
  [
    'one is put in at the end',
    `insert into operator_actions select (select last_id + 1 from operator_actions_head), at, username, action, subject, before, after, key_id, mac from operator_actions where action_id = 4;
       update operator_actions_head set last_id = last_id + 1`,
  ],
  ['another key is said to have made it', `update operator_actions set key_id = 'another' where action_id = 2`],
]
