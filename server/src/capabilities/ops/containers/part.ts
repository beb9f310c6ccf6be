import type { Cursors } from '../../../core/page.ts';
import type { Tool } from '../../../core/tool.ts';
import { cleanupContainers } from '../tools/orcaops_cleanup_containers.ts';
import { getContainerLogs } from '../tools/orcaops_get_container_logs.ts';
import { inspectContainer } from '../tools/orcaops_inspect_container.ts';
import { listContainers } from '../tools/orcaops_list_containers.ts';
import { removeAContainer } from '../tools/orcaops_remove_container.ts';
import { stopContainer } from '../tools/orcaops_stop_container.ts';
import type { ContainerNeeds } from './seen.ts';

/** The tools of containers. */
export function containerTools(needs: ContainerNeeds, cursors: Cursors): Tool[] {
  return [
    listContainers(needs, cursors),
    getContainerLogs(needs),
    inspectContainer(needs),
    stopContainer(needs),
    removeAContainer(needs),
    cleanupContainers(needs),
  ];
}
