/** Name of the tool that hands a run over to an agent. Characters that a tool's name cannot have become `_`. */
export function transferToolName(agentName: string): string {
  return `transfer_to_${agentName.replaceAll(/[^A-Za-z0-9_-]/g, "_")}`.slice(0, 64);
}
