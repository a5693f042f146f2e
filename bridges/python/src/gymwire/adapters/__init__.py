"""
Simulators with interfaces of their own, as what `gymwire.VectorEnvRegistration` serves. Each is short: one of yours
that fits neither is as few lines. What they need (jax, torch) is imported when one is made.
"""

from gymwire.adapters.functional import FunctionalVectorEnv
from gymwire.adapters.resetting import ResettingVectorEnv

__all__ = ["FunctionalVectorEnv", "ResettingVectorEnv"]
