/**
 * The number of replicas that somebody set from chat, kept with the service itself: a deploy that would undo it can say
 * so. A service's own label restarts none of its tasks.
 */

/** Label of the service, not of its containers. */
export const CHAT_SCALE_LABEL = 'swarmkeeper.replicas';

/**
 * The number that was set from chat and still stands: undefined when none was, or when somebody has set another one by
 * other means since.
 */
export function chatScale(labels: Readonly<Record<string, string>>, replicas: number): number | undefined {
  return labels[CHAT_SCALE_LABEL] === String(replicas) ? replicas : undefined;
}
