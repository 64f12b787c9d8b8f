"""Extra weights as the host loads and unloads them beside the model they steer."""

import comfy.model_management
from comfy.model_patcher import CoreModelPatcher
from torch import nn


def weights_patcher(model: nn.Module) -> CoreModelPatcher:
    """A patcher of modules that were built with the host's operations."""
    management = comfy.model_management
    return CoreModelPatcher(
        model,
        load_device=management.get_torch_device(),
        offload_device=management.unet_offload_device(),
    )
