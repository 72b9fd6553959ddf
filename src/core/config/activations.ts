/** Names of what may stand between the layers of our own networks. */
export const HIDDEN_ACTIVATIONS = ['relu', 'tanh', 'elu', 'sigmoid', 'swish'] as const
export type HiddenActivation = (typeof HIDDEN_ACTIVATIONS)[number]
