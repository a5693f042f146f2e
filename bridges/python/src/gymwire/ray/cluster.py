"""The Ray cluster that a command is about, and the fleets on it."""

from __future__ import annotations

import logging
from typing import Any

import ray
from ray.exceptions import RayActorError

from gymwire.errors import GymwireError
from gymwire.ray.plan import NAMESPACE, check_name, fleet_actor


def connect(address: str | None) -> None:
    """
    Becomes a driver of the cluster: the one that was named, that of RAY_ADDRESS, or the one on this machine.

    :raises GymwireError: SERVER_UNAVAILABLE where there is none
    """
    try:
        ray.init(address or "auto", namespace=NAMESPACE, log_to_driver=False, logging_level=logging.CRITICAL)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise GymwireError(
            "SERVER_UNAVAILABLE",
            f"no Ray cluster at {address or 'RAY_ADDRESS or on this machine'}: start one with `ray start --head`, or "
            f"name it with --address ({str(error).strip().splitlines()[0]})",
        ) from error


def ask(actor: Any, method: str, *arguments: Any) -> Any:
    """
    Calls a method of a fleet's actor and waits for the answer; while Ray starts the actor anew, for that as well.

    :raises GymwireError: SERVER_UNAVAILABLE where the actor is gone for good; and what the method raises
    """
    try:
        return ray.get(getattr(actor, method).remote(*arguments))
    except RayActorError as error:
        raise GymwireError("SERVER_UNAVAILABLE", "the fleet was taken down, or its head node was lost") from error


def find_fleet(name: str) -> Any:
    """Its actor. Raises GymwireError SERVER_UNAVAILABLE where it is not up."""
    try:
        return ray.get_actor(fleet_actor(check_name(name)), namespace=NAMESPACE)
    except ValueError as error:
        raise GymwireError(
            "SERVER_UNAVAILABLE", f"no fleet {name} is up on this cluster: gymwire-ray up --env … --name {name}"
        ) from error
