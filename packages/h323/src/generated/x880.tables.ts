// Made by `npm run build:asn1` from packages/h323/asn1. Not to be edited.
import type { ModuleTable } from '../per/table.ts';

export const x880Tables: readonly ModuleTable[] = [
  {
    "module": "Remote-Operations-Apdus",
    "types": {
      "ROS": {"is":"choice","alternatives":[{"name":"invoke","of":{"is":"ref","type":"Invoke"}},{"name":"returnResult","of":{"is":"ref","type":"ReturnResult"}},{"name":"returnError","of":{"is":"ref","type":"ReturnError"}},{"name":"reject","of":{"is":"ref","type":"Reject"}}]},
      "Invoke": {"is":"sequence","fields":[{"name":"invokeId","of":{"is":"integer","from":0,"to":65535}},{"name":"linkedId","of":{"is":"ref","type":"InvokeId"},"optional":true},{"name":"opcode","of":{"is":"ref","type":"Code"}},{"name":"argument","of":{"is":"octets"},"optional":true}]},
      "ReturnResult": {"is":"sequence","fields":[{"name":"invokeId","of":{"is":"ref","type":"InvokeId"}},{"name":"result","of":{"is":"sequence","fields":[{"name":"opcode","of":{"is":"ref","type":"Code"}},{"name":"result","of":{"is":"octets"}}],"additions":[]},"optional":true}]},
      "ReturnError": {"is":"sequence","fields":[{"name":"invokeId","of":{"is":"ref","type":"InvokeId"}},{"name":"errorCode","of":{"is":"ref","type":"Code"}},{"name":"parameter","of":{"is":"octets"},"optional":true}]},
      "Reject": {"is":"sequence","fields":[{"name":"invokeId","of":{"is":"ref","type":"InvokeId"}},{"name":"problem","of":{"is":"choice","alternatives":[{"name":"general","of":{"is":"ref","type":"GeneralProblem"}},{"name":"invoke","of":{"is":"ref","type":"InvokeProblem"}},{"name":"returnResult","of":{"is":"ref","type":"ReturnResultProblem"}},{"name":"returnError","of":{"is":"ref","type":"ReturnErrorProblem"}}]}}]},
      "GeneralProblem": {"is":"integer"},
      "InvokeProblem": {"is":"integer"},
      "ReturnResultProblem": {"is":"integer"},
      "ReturnErrorProblem": {"is":"integer"},
      "RejectProblem": {"is":"integer"},
      "InvokeId": {"is":"integer"},
      "Code": {"is":"choice","alternatives":[{"name":"local","of":{"is":"integer"}},{"name":"global","of":{"is":"oid"}}]},
    },
  },
];
