"""The folder that `gymwire-ray up` writes is one fleet's: no other one's, nor the user's files, are touched."""

from __future__ import annotations

import pytest

from gymwire.errors import GymwireError
from gymwire.ray.authority import Credentials
from gymwire.ray.plan import FleetPlan
from gymwire.ray.servers_folder import ServersFolder

CREDENTIALS = Credentials("t" * 32, "ca")


@pytest.fixture
def of_a(tmp_path):
    folder = ServersFolder(tmp_path / "gymwire-fleet")
    folder.write("a", ["10.0.0.1:50051"], CREDENTIALS)
    return folder


def files(folder):
    return {path.name: path.read_text() for path in folder.path.iterdir()}


def test_another_fleet_neither_removes_nor_overwrites_it(of_a):
    before = files(of_a)
    assert not of_a.remove("b")
    with pytest.raises(GymwireError, match=r"servers is not of the fleet b: name another folder with --folder"):
        of_a.write("b", ["10.0.0.2:50051"], CREDENTIALS)
    assert files(of_a) == before


@pytest.mark.parametrize("name", ["servers", "token", "ca.pem"])
def test_files_of_the_users_stay(tmp_path, name):
    (tmp_path / name).write_text("mine\n")
    folder = ServersFolder(tmp_path)
    assert not folder.remove("a")
    with pytest.raises(GymwireError, match=f"{name} is not of the fleet a"):
        folder.write("a", ["10.0.0.1:50051"], CREDENTIALS)
    assert files(folder) == {name: "mine\n"}


def test_its_own_fleet_writes_it_again_and_removes_it(of_a):
    of_a.write("a", ["10.0.0.3:50051"], CREDENTIALS)
    assert "10.0.0.3" in files(of_a)["servers"]
    assert of_a.remove("a")
    assert not of_a.path.exists()


def test_a_write_that_was_cut_short_can_be_made_again(tmp_path, monkeypatch):
    folder = ServersFolder(tmp_path / "gymwire-fleet")
    with monkeypatch.context() as patch:
        patch.setattr("gymwire.ray.servers_folder._CA", "no/such/folder")
        with pytest.raises(OSError, match="no/such"):
            folder.write("a", ["10.0.0.1:50051"], CREDENTIALS)
    folder.write("a", ["10.0.0.1:50051"], CREDENTIALS)
    assert files(folder).keys() == {"servers", "token", "ca.pem"}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0])
def test_a_plan_takes_no_number_that_is_none(value):
    with pytest.raises(GymwireError, match="--idle-s: expected a number of at least 0"):
        FleetPlan(name="a", envs=("b",), minimum=1, maximum=1, kind="python", command=(), idle_s=value)
