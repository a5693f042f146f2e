"""The models of mujoco_models.py: what is in each one's folder. 0.2 m is the size of the mesh that MuJoCo takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import model_files as make

Content = str | bytes
Models = dict[str, dict[str, Content]]

BODY = '<body name="link" pos="0 0 1"><joint name="j" axis="0 1 0" range="-90 90"/><geom size=".1"/></body>'
MESH_BODY = '<body name="link" pos="0 0 1"><joint name="j" axis="0 1 0"/><geom type="mesh" mesh="m"/></body>'
FREE_BODY = '<body name="link" pos="0 0 .3"><freejoint/><geom size=".1"/></body>'
# With MOTOR, something to move in models of something else.
ARM = '<body name="arm" pos="3 0 1"><joint name="j" axis="0 1 0"/><geom size=".1" pos=".2 0 0"/></body>'
MOTOR = '<actuator><motor name="a" joint="j" ctrlrange="-1 1"/></actuator>'
FLOOR = '<geom type="plane" size="5 5 .1"/>'


def mjcf(*parts: str) -> str:
    return f"<mujoco>{''.join(parts)}</mujoco>"


def world(*parts: str) -> str:
    return f"<worldbody>{''.join(parts)}</worldbody>"


def mesh(file: str, more: str = "") -> str:
    return f'<asset><mesh name="m" file="{file}" {more}/></asset>'


def compiler(attributes: str) -> str:
    return f"<compiler {attributes}/>"


def include(file: str) -> str:
    return f'<include file="{file}"/>'


def attach(file: str, how: str = 'body="link"', more: str = "") -> str:
    return mjcf(
        f'<asset><model name="arm" file="{file}" {more}/></asset>',
        world(f'<frame pos="0 0 1"><attach model="arm" {how} prefix="l_"/></frame>'),
    )


def meshed(file: str, settings: str = "") -> str:
    return mjcf(settings, mesh(file), world(MESH_BODY), MOTOR)


def single(**models: str) -> Models:
    return {name.replace("_", "-"): {"model.xml": text} for name, text in models.items()}


def urdf(geometry: str, settings: str = "") -> str:
    return (
        f'<robot name="r">{settings}<link name="base"/><link name="link"><inertial><mass value="1"/>'
        '<inertia ixx=".1" iyy=".1" izz=".1" ixy="0" ixz="0" iyz="0"/></inertial>'
        f"<collision><geometry>{geometry}</geometry></collision></link>"
        '<joint name="j" type="revolute"><parent link="base"/><child link="link"/><axis xyz="0 1 0"/>'
        '<limit lower="-1" upper="1" effort="1" velocity="1"/></joint></robot>'
    )


def paths(root: Path) -> Models:
    """Where files are looked for. `.2` is the size of the right one, `.4` of one that could be mistaken for it."""
    right, wrong = make.stl(0.2), make.stl(0.4)
    return {
        "mesh-beside": {"model.xml": meshed("a.stl"), "a.stl": right},
        "meshdir": {"model.xml": meshed("a.stl", compiler('meshdir="assets"')), "assets/a.stl": right, "a.stl": wrong},
        "meshdir-missing": {"model.xml": meshed("a.stl", compiler('meshdir="assets"')), "a.stl": wrong},
        "meshdir-slash": {"model.xml": meshed("a.stl", compiler('meshdir="./assets//"')), "assets/a.stl": right},
        "meshdir-up": {"xml/model.xml": meshed("a.stl", compiler('meshdir="../assets"')), "assets/a.stl": right},
        "meshdir-absolute": {
            "model.xml": meshed("a.stl", compiler(f'meshdir="{root}/meshdir-absolute/q"')),
            "q/a.stl": right,
            "a.stl": wrong,
        },
        "assetdir": {
            "model.xml": mjcf(
                compiler('assetdir="assets"'),
                '<asset><mesh name="m" file="a.stl"/><texture name="t" type="2d" file="a.png"/></asset>',
                world(MESH_BODY),
                MOTOR,
            ),
            "assets/a.stl": right,
            "assets/a.png": make.png(),
        },
        "assetdir-and-meshdir": {
            "model.xml": meshed("a.stl", compiler('assetdir="assets" meshdir="meshes"')),
            "meshes/a.stl": right,
            "assets/a.stl": wrong,
        },
        "two-compilers": {
            "model.xml": meshed("a.stl", compiler('meshdir="first"') + compiler('meshdir="second"')),
            "second/a.stl": right,
            "first/a.stl": wrong,
        },
        "strippath": {
            "model.xml": meshed("some/where/a.stl", compiler('strippath="true" meshdir="assets"')),
            "assets/a.stl": right,
            "assets/some/where/a.stl": wrong,
        },
        "strippath-absolute": {
            "model.xml": meshed(f"{root}/a.stl", compiler('strippath="true"')),
            "a.stl": right,
        },
        "absolute": {"model.xml": meshed(f"{root}/absolute/q/a.stl"), "q/a.stl": right},
        "absolute-and-meshdir": {
            "model.xml": meshed(f"{root}/absolute-and-meshdir/q/a.stl", compiler('meshdir="assets"')),
            "q/a.stl": right,
            "assets/a.stl": wrong,
        },
        "up": {"xml/model.xml": meshed("../assets/a.stl"), "assets/a.stl": right},
        "dots": {"model.xml": meshed("./p/../q/.//a.stl"), "p/x": "", "q/a.stl": right},
        "dots-through-nothing": {"model.xml": meshed("nowhere/../a.stl"), "a.stl": right},
        "backslash": {"model.xml": meshed("sub\\a.stl"), "sub/a.stl": right},
        "upper-case": {"model.xml": meshed("A.STL"), "A.STL": right},
        "other-case": {"model.xml": meshed("A.stl"), "a.stl": right},
        "unicode-and-spaces": {"model.xml": meshed("möbel teil &amp; 机器人.stl"), "möbel teil & 机器人.stl": right},
        "percent": {"model.xml": meshed("a%20b.stl"), "a%20b.stl": right, "a b.stl": wrong},
        "drive": {"model.xml": meshed("C:/a.stl"), "C:/a.stl": right, "a.stl": wrong},
        "scheme": {"model.xml": meshed("file://a.stl"), "a.stl": right},
        "two-of-a-name": {
            "model.xml": mjcf(
                '<asset><mesh name="m" file="l/a.stl"/><mesh name="n" file="r/a.stl"/></asset>',
                world(MESH_BODY, '<body pos="1 0 0"><freejoint/><geom type="mesh" mesh="n"/></body>'),
                MOTOR,
            ),
            "l/a.stl": right,
            "r/a.stl": wrong,
        },
        "named-by-its-file": {
            "model.xml": mjcf(
                compiler('meshdir="assets"'), '<asset><mesh file="sub/m.stl"/></asset>', world(MESH_BODY), MOTOR
            ),
            "assets/sub/m.stl": right,
        },
        "folder-for-a-mesh": {"model.xml": meshed("a.stl"), "a.stl/x": ""},
        "file-for-a-folder": {"model.xml": meshed("p/a.stl"), "p": "", "a.stl": wrong},
        "empty-mesh": {"model.xml": meshed("a.stl"), "a.stl": ""},
        "cut-mesh": {"model.xml": meshed("a.stl"), "a.stl": right[:150]},
        "commented-mesh": {"model.xml": mjcf("<!--", mesh("none.stl"), "-->", world(BODY), MOTOR)},
        "single-quotes": {"model.xml": meshed("a.stl").replace('"', "'"), "a.stl": right},
    }


def includes(root: Path) -> Models:
    right, wrong = make.stl(0.2), make.stl(0.4)
    robot = mjcf(world(BODY), MOTOR)
    robot_with_mesh = meshed("a.stl")
    return {
        "include": {"model.xml": mjcf(include("robot.xml")), "robot.xml": robot},
        "include-mjcf": {"model.xml": mjcf(include("robot.mjcf")), "robot.mjcf": robot},
        "include-any-extension": {
            "model.xml": mjcf(include("robot.inc")),
            "robot.inc": robot_with_mesh,
            "a.stl": right,
        },
        "include-without-extension": {"model.xml": mjcf(include("robot")), "robot": robot_with_mesh, "a.stl": right},
        "include-below": {
            "model.xml": mjcf(include("robot/robot.xml")),
            "robot/robot.xml": robot_with_mesh,
            "robot/a.stl": right,
            "a.stl": wrong,
        },
        "include-below-mesh-at-top": {
            "model.xml": mjcf(include("robot/robot.xml")),
            "robot/robot.xml": robot_with_mesh,
            "a.stl": right,
        },
        "include-below-meshdir": {
            "model.xml": mjcf(include("robot/robot.xml")),
            "robot/robot.xml": meshed("a.stl", compiler('meshdir="assets"')),
            "robot/assets/a.stl": wrong,
            "assets/a.stl": right,
        },
        "include-below-meshdir-below": {
            "model.xml": mjcf(include("robot/robot.xml")),
            "robot/robot.xml": meshed("a.stl", compiler('meshdir="assets"')),
            "robot/assets/a.stl": wrong,
        },
        "include-below-meshdir-of-main": {
            "model.xml": mjcf(compiler('meshdir="assets"'), include("robot/robot.xml")),
            "robot/robot.xml": robot_with_mesh,
            "robot/a.stl": wrong,
            "assets/a.stl": right,
        },
        "include-of-include": {
            "model.xml": mjcf(include("p/one.xml")),
            "p/one.xml": mjcf(include("two.xml")),
            "p/two.xml": robot,
        },
        "include-of-include-from-top": {
            "model.xml": mjcf(include("p/one.xml")),
            "p/one.xml": mjcf(include("p/two.xml")),
            "p/two.xml": robot,
        },
        "include-at-top-goes-first": {
            "model.xml": mjcf(include("p/one.xml")),
            "p/one.xml": mjcf(include("two.xml")),
            "p/two.xml": mjcf("<wrong/>"),
            "two.xml": robot,
        },
        "include-three-deep-with-mesh": {
            "model.xml": mjcf(include("p/one.xml")),
            "p/one.xml": mjcf(include("q/two.xml")),
            "p/q/two.xml": mjcf(include("r/three.xml")),
            "p/q/r/three.xml": robot_with_mesh,
            "p/q/r/a.stl": right,
            "p/q/a.stl": wrong,
            "p/a.stl": wrong,
            "a.stl": wrong,
        },
        "include-up": {"xml/model.xml": mjcf(include("../robot.xml")), "robot.xml": robot},
        "include-absolute": {"model.xml": mjcf(include(f"{root}/include-absolute/p/r.xml")), "p/r.xml": robot},
        "include-backslash": {"model.xml": mjcf(include("p\\r.xml")), "p/r.xml": robot},
        "include-in-body": {
            "model.xml": mjcf(world(f'<body pos="0 0 1">{include("parts/link.xml")}</body>'), MOTOR),
            "parts/link.xml": '<mujocoinclude><joint name="j" axis="0 1 0"/><geom size=".1"/></mujocoinclude>',
        },
        "include-of-assets": {
            "model.xml": mjcf(include("p/assets.xml"), world(MESH_BODY), MOTOR),
            "p/assets.xml": f"<mujocoinclude>{mesh('a.stl')}</mujocoinclude>",
            "p/a.stl": right,
            "a.stl": wrong,
        },
        "include-twice": {"model.xml": mjcf(include("r.xml"), include("r.xml")), "r.xml": robot},
        "include-itself": {"model.xml": mjcf(include("r.xml")), "r.xml": mjcf(include("r.xml"))},
        "include-the-main": {"model.xml": mjcf(include("model.xml"))},
        "include-missing": {"model.xml": mjcf(include("none.xml"))},
        "include-empty": {"model.xml": mjcf(include("r.xml")), "r.xml": ""},
        "include-folder": {"model.xml": mjcf(include("r.xml")), "r.xml/x": ""},
        "include-with-bom": {"model.xml": mjcf(include("r.xml")), "r.xml": b"\xef\xbb\xbf" + robot.encode()},
        "include-with-hfield-and-texture": {
            "model.xml": mjcf(include("p/scene.xml")),
            "p/scene.xml": mjcf(
                '<asset><hfield name="h" file="h.png" size="1 1 .1 .1"/><texture name="t" type="2d" file="t.png"/>'
                '<material name="mat" texture="t"/></asset>',
                world('<geom type="hfield" hfield="h" material="mat"/>', FREE_BODY, ARM),
                MOTOR,
            ),
            "p/h.png": make.png(channels=1),
            "p/t.png": make.png(),
        },
    }


def attached(root: Path) -> Models:
    right, wrong = make.stl(0.2), make.stl(0.4)
    arm = mjcf(world(BODY.replace(' pos="0 0 1"', "")), MOTOR)
    meshes = {"arm/assets/a.stl": right, "arm/a.stl": wrong, "assets/a.stl": wrong, "a.stl": wrong}
    return {
        "attach": {"model.xml": attach("arm.xml"), "arm.xml": arm},
        "attach-whole": {"model.xml": attach("arm.xml", ""), "arm.xml": arm},
        "attach-without-extension": {"model.xml": attach("arm"), "arm": arm},
        "attach-mjcf": {"model.xml": attach("arm.mjcf"), "arm.mjcf": arm},
        "attach-content-type": {"model.xml": attach("arm.mjcf", more='content_type="text/xml"'), "arm.mjcf": arm},
        "attach-meshdir": {
            "model.xml": attach("arm/arm.xml"),
            "arm/arm.xml": meshed("a.stl", compiler('meshdir="assets"')),
            **meshes,
        },
        "attach-two-meshdirs": {
            "model.xml": attach("arm/arm.xml").replace("<asset>", compiler('meshdir="own"') + "<asset>", 1),
            "arm/arm.xml": meshed("a.stl", compiler('meshdir="assets"')),
            **meshes,
            "own/a.stl": wrong,
        },
        "attach-mesh-beside": {"model.xml": attach("arm/arm.xml"), "arm/arm.xml": meshed("a.stl"), "arm/a.stl": right},
        "attach-with-include": {
            "model.xml": attach("arm/arm.xml"),
            "arm/arm.xml": mjcf(include("p/robot.xml")),
            "arm/p/robot.xml": meshed("a.stl"),
            "arm/p/a.stl": right,
            "p/a.stl": wrong,
        },
        "attach-in-attached": {
            "model.xml": attach("p/one.xml", 'body="base"'),
            "p/one.xml": mjcf(
                '<asset><model name="arm" file="q/two.xml"/></asset>',
                world(f'<body name="base"><geom size=".05"/><attach model="arm" body="link" prefix="k_"/>{ARM}</body>'),
                MOTOR,
            ),
            "p/q/two.xml": meshed("a.stl", compiler('meshdir="m"')),
            "p/q/m/a.stl": right,
            "p/m/a.stl": wrong,
            "m/a.stl": wrong,
        },
        "attach-twice": {
            "model.xml": mjcf(
                '<asset><model name="arm" file="arm/arm.xml"/></asset>',
                world(
                    *(
                        f'<frame pos="0 {y} 1"><attach model="arm" body="link" prefix="{p}_"/></frame>'
                        for p, y in (("l", 1), ("r", -1))
                    )
                ),
            ),
            "arm/arm.xml": meshed("a.stl"),
            "arm/a.stl": right,
        },
        "attach-urdf": {
            "model.xml": attach("arm/arm.urdf"),
            "arm/arm.urdf": urdf(
                '<mesh filename="a.stl"/>', '<mujoco><compiler meshdir="assets" discardvisual="false"/></mujoco>'
            ),
            **meshes,
        },
        "attach-textures-and-hfields": {
            "model.xml": attach("p/scene.xml", 'body="ground"'),
            "p/scene.xml": mjcf(
                compiler('assetdir="files"'),
                '<asset><hfield name="h" file="h.png" size="1 1 .1 .1"/><texture name="t" type="2d" file="t.png"/>'
                '<material name="mat" texture="t"/></asset>',
                world(f'<body name="ground"><geom type="hfield" hfield="h" material="mat" mass="1"/>{ARM}</body>'),
                MOTOR,
            ),
            "p/files/h.png": make.png(channels=1),
            "p/files/t.png": make.png(),
        },
        "attach-missing": {"model.xml": attach("none.xml")},
        "attach-absolute": {"model.xml": attach(f"{root}/attach-absolute/q/arm.xml"), "q/arm.xml": arm},
    }


def files(root: Path) -> Models:
    """Each kind of file that MuJoCo reads."""
    del root
    picture = make.png()
    six = " ".join(f'file{side}="{side}.png"' for side in ("right", "left", "up", "down", "front", "back"))
    faces: dict[str, Content] = {f"{side}.png": make.png() for side in ("right", "left", "up", "down", "front", "back")}

    def textured(texture: str) -> str:
        return mjcf(f'<asset>{texture}<material name="mat" texture="t"/></asset>', world(BODY), MOTOR)

    def field(attributes: str) -> str:
        asset = f'<asset><hfield name="h" {attributes} size="1 1 .1 .1"/></asset>'
        return mjcf(asset, world('<geom type="hfield" hfield="h"/>', FREE_BODY, ARM), MOTOR)

    def flexcomp(attributes: str) -> str:
        return mjcf(world(f'<flexcomp name="c" mass="1" pos="0 0 1" {attributes}/>', BODY), MOTOR)

    return {
        "obj": {"model.xml": meshed("a.obj"), "a.obj": make.obj()},
        "msh": {"model.xml": meshed("a.msh"), "a.msh": make.msh()},
        "stl-ascii": {"model.xml": meshed("a.stl"), "a.stl": make.ascii_stl()},
        "mesh-content-type": {
            "model.xml": mjcf(mesh("a.bin", 'content_type="model/stl"'), world(MESH_BODY), MOTOR),
            "a.bin": make.stl(),
        },
        "mesh-obj-by-content-type": {
            "model.xml": mjcf(mesh("a.bin", 'content_type="model/obj"'), world(MESH_BODY), MOTOR),
            "a.bin": make.obj(),
        },
        "mesh-unknown": {"model.xml": meshed("a.ply"), "a.ply": b"ply\n"},
        "mesh-shell-and-scale": {
            "model.xml": mjcf(mesh("a.stl", 'inertia="shell" scale="1 2 .5"'), world(MESH_BODY), MOTOR),
            "a.stl": make.stl(),
        },
        "texture": {"model.xml": textured('<texture name="t" type="2d" file="t.png"/>'), "t.png": picture},
        "texture-alpha": {
            "model.xml": textured('<texture name="t" type="2d" nchannel="4" file="t.png"/>'),
            "t.png": make.png(channels=4),
        },
        "texture-grey": {
            "model.xml": textured('<texture name="t" type="2d" file="t.png"/>'),
            "t.png": make.png(channels=1),
        },
        "texture-own-format": {
            "model.xml": textured('<texture name="t" type="2d" file="t.bin" content_type="image/vnd.mujoco.texture"/>'),
            "t.bin": make.texture(),
        },
        "texture-no-png": {"model.xml": textured('<texture name="t" type="2d" file="t.png"/>'), "t.png": b"GIF89a"},
        "texture-cube": {"model.xml": textured(f'<texture name="t" type="cube" {six}/>'), **faces},
        "texture-cube-of-one": {
            "model.xml": textured('<texture name="t" type="cube" file="t.png"/>'),
            "t.png": picture,
        },
        "texture-grid": {
            "model.xml": textured(
                '<texture name="t" type="cube" file="t.png" gridsize="3 4" gridlayout=".U..LFRB.D.."/>'
            ),
            "t.png": make.png(16, 12),
        },
        "texture-skybox-texturedir": {
            "model.xml": mjcf(
                compiler('texturedir="sky"'), f'<asset><texture type="skybox" {six}/></asset>', world(BODY), MOTOR
            ),
            **{f"sky/{name}": content for name, content in faces.items()},
        },
        "texture-cube-one-missing": {
            "model.xml": textured(f'<texture name="t" type="cube" {six}/>'),
            **{name: content for name, content in faces.items() if name != "back.png"},
        },
        "hfield-png": {"model.xml": field('file="h.png"'), "h.png": make.png(channels=1)},
        "hfield-own-format": {"model.xml": field('file="h.bin"'), "h.bin": make.hfield()},
        "hfield-meshdir": {
            "model.xml": field('file="h.png"').replace("<asset>", compiler('meshdir="m" texturedir="t"') + "<asset>"),
            "m/h.png": make.png(channels=1),
            "t/h.png": make.png(8, 8, channels=1),
        },
        "skin": {
            "model.xml": mjcf('<deformable><skin name="s" file="s.skn"/></deformable>', world(BODY), MOTOR),
            "s.skn": make.skin(),
        },
        "skin-in-assets": {
            "model.xml": mjcf('<asset><skin name="s" file="s.skn"/></asset>', world(BODY), MOTOR),
            "s.skn": make.skin(),
        },
        "flexcomp-mesh": {
            "model.xml": flexcomp('type="mesh" file="a.obj" dim="2"'),
            "a.obj": make.obj(),
        },
        "flexcomp-gmsh": {
            "model.xml": flexcomp('type="gmsh" file="a.msh" dim="3"'),
            "a.msh": make.gmsh(),
        },
        "flexcomp-file-below": {
            "model.xml": mjcf(compiler('meshdir="m"'), flexcomp('type="mesh" file="a.obj" dim="2"')[8:-9]),
            "a.obj": make.obj(),
            "m/a.obj": make.obj(0.4),
        },
        "urdf": {"model.urdf": urdf('<sphere radius=".1"/>')},
        "urdf-mesh": {"model.urdf": urdf('<mesh filename="a.stl"/>'), "a.stl": make.stl()},
        "urdf-package": {
            "model.urdf": urdf(
                '<mesh filename="package://p/meshes/a.stl"/>',
                '<mujoco><compiler meshdir="assets" strippath="true"/></mujoco>',
            ),
            "assets/a.stl": make.stl(),
        },
        "urdf-package-kept": {
            "model.urdf": urdf(
                '<mesh filename="package://p/a.stl"/>', '<mujoco><compiler strippath="false"/></mujoco>'
            ),
            "p/a.stl": make.stl(),
        },
        "urdf-named-xml": {"model.xml": urdf('<mesh filename="m/a.stl"/>'), "m/a.stl": make.stl()},
        "archive-attached": {"model.xml": attach("arm.mjz"), "arm.mjz": b"PK"},
    }


def texts(root: Path) -> Models:
    """Encodings and XML."""
    del root
    plain = mjcf(world(BODY), MOTOR)
    return {
        "bom": {"model.xml": b"\xef\xbb\xbf" + plain.encode()},
        "utf-8": {
            "model.xml": '<?xml version="1.0" encoding="utf-8"?>\n'
            + plain.replace("<mujoco>", '<mujoco model="größe">')
        },
        "latin-1": {
            "model.xml": (
                '<?xml version="1.0" encoding="iso-8859-1"?>\n' + plain.replace("<mujoco>", '<mujoco model="größe">')
            ).encode("latin-1")
        },
        "utf-16": {"model.xml": plain.encode("utf-16")},
        "doctype": {"model.xml": f"<!DOCTYPE mujoco>\n{plain}"},
        "entity": {"model.xml": f'<!DOCTYPE mujoco [<!ENTITY r "0.1">]>\n{plain.replace(".1", "&r;")}'},
        "crlf": {"model.xml": plain.replace("><", ">\r\n<")},
        "empty": {"model.xml": ""},
        "no-xml": {"model.xml": "hello"},
        "other-root": {"model.xml": "<sdf/>"},
        "unknown-attribute": {"model.xml": plain.replace("<mujoco>", '<mujoco><option collision="all"/>')},
        "unknown-element": {"model.xml": mjcf(world(BODY, "<gem/>"))},
        "nul": {"model.xml": plain.encode() + b"\0garbage"},
    }


def physics(root: Path) -> Models:
    """What else the two builds have to agree in: solvers, integrators, actuators, flexes, sensors."""
    del root
    chain = '<body pos="0 0 1"><joint name="j" axis="0 1 0"/><geom type="capsule" fromto="0 0 0 .3 0 0" size=".03"/>'
    tail = '<body pos=".3 0 0"><joint name="k" type="ball"/><geom type="box" size=".1 .05 .02"/></body></body>'
    pile = world(
        FLOOR,
        *(
            f'<body pos="{0.01 * i} 0 {0.3 + 0.25 * i}"><freejoint/><geom type="{kind}" size=".1 .1 .1"/></body>'
            for i, kind in enumerate(("sphere", "box", "capsule", "ellipsoid", "cylinder"))
        ),
        ARM,
    )
    general = '<general joint="j" ctrlrange="-1 1" gainprm="3"'
    models = {
        f"integrator-{kind}": mjcf(f'<option integrator="{kind}"/>', world(chain + tail), MOTOR)
        for kind in ("Euler", "RK4", "implicit", "implicitfast")
    }
    models |= {f"solver-{kind}": mjcf(f'<option solver="{kind}"/>', pile, MOTOR) for kind in ("PGS", "CG", "Newton")}
    models |= {
        f"cone-{kind}": mjcf(f'<option cone="{kind}" noslip_iterations="3"/>', pile, MOTOR)
        for kind in ("pyramidal", "elliptic")
    }
    return {name: {"model.xml": text} for name, text in models.items()} | single(
        no_actuators=mjcf(world(BODY)),
        no_joints=mjcf(world('<body name="b"><geom size=".1"/></body>')),
        autolimits_off=mjcf(compiler('autolimits="false"'), world(BODY), MOTOR),
        settings=mjcf(
            compiler('angle="radian" eulerseq="ZYX" inertiafromgeom="true" balanceinertia="true" fusestatic="true"'),
            '<option timestep=".004" gravity="1 0 -9" wind="1 2 3" density="1.2" viscosity=".01"/>',
            world(
                FLOOR,
                '<body euler=".1 .2 .3" pos="0 0 1"><freejoint/><geom type="ellipsoid" size=".3 .1 .05" '
                'fluidshape="ellipsoid"/></body>',
                ARM,
            ),
            MOTOR,
        ),
        frames=mjcf(
            '<default><default class="d"><geom rgba="1 0 0 1" size=".05"/></default></default>',
            world(
                '<frame pos="0 0 1" euler="0 30 0" childclass="d"><frame pos="1 0 0">'
                '<body name="link"><joint name="j" axis="0 1 0"/><geom/><geom pos=".2 0 0"/></body></frame></frame>'
            ),
            MOTOR,
        ),
        replicate=mjcf(
            world(
                '<replicate count="5" offset="0 .5 0" euler="0 0 10"><body pos="0 0 1">'
                '<joint axis="0 1 0"/><geom size=".1" pos=".2 0 0"/></body></replicate>',
                ARM,
            ),
            MOTOR,
        ),
        composite_cable=mjcf(
            world(
                '<composite prefix="c" type="cable" curve="s" count="9 1 1" size="1" initial="ball">'
                '<joint kind="main" damping=".015"/><geom type="capsule" size=".01"/></composite>',
                ARM,
            ),
            MOTOR,
        ),
        flex_grid=mjcf(
            world(
                FLOOR,
                '<flexcomp name="c" type="grid" count="4 4 1" spacing=".1 .1 .1" mass="1" '
                'pos="0 0 .5" radius=".01"><edge equality="true"/></flexcomp>',
                ARM,
            ),
            MOTOR,
        ),
        flex_elastic=mjcf(
            world(
                '<flexcomp name="c" type="grid" dim="3" count="3 3 3" spacing=".1 .1 .1" mass="1" '
                'pos="0 0 .5" radius=".01"><elasticity young="1e4" poisson=".2" damping=".01"/>'
                "</flexcomp>",
                ARM,
            ),
            MOTOR,
        ),
        flex_trilinear=mjcf(
            world(
                FLOOR,
                '<flexcomp name="c" type="grid" dim="3" count="4 4 4" spacing=".05 .05 .05" '
                'mass="1" pos="0 0 .3" radius=".01" dof="trilinear">'
                '<elasticity young="5e3" poisson=".1" damping=".01"/>'
                '<contact selfcollide="none"/></flexcomp>',
                ARM,
            ),
            MOTOR,
        ),
        position=mjcf(world(BODY), '<actuator><position joint="j" kp="50" inheritrange="1"/></actuator>'),
        filter=mjcf(
            world(BODY),
            f'<actuator>{general} dyntype="filterexact" dynprm=".05" actlimited="true" actrange="-1 1"/></actuator>',
        ),
        integrated_velocity=mjcf(
            world(BODY), '<actuator><intvelocity joint="j" kp="5" actrange="-1 1" ctrlrange="-1 1"/></actuator>'
        ),
        damper=mjcf(world(BODY), '<actuator><damper joint="j" kv="2" ctrlrange="0 1"/></actuator>'),
        adhesion=mjcf(
            world(FLOOR, '<body name="pad" pos="0 0 .1"><freejoint/><geom size=".1"/></body>'),
            '<actuator><adhesion body="pad" gain="20" ctrlrange="0 1"/></actuator>',
        ),
        muscle=mjcf(
            world(
                '<site name="a" pos="0 0 1.4"/><body pos="0 0 1"><joint name="j" axis="0 1 0" range="-60 60"/>'
                '<geom type="capsule" fromto="0 0 0 .4 0 0" size=".03"/><site name="b" pos=".3 0 .05"/></body>'
            ),
            '<tendon><spatial name="t"><site site="a"/><site site="b"/></spatial></tendon>',
            '<actuator><muscle tendon="t" ctrlrange="0 1" ctrllimited="true" lengthrange=".1 1"/></actuator>',
        ),
        muscle_length_range=mjcf(
            world(
                '<site name="a" pos="0 0 1.4"/><body pos="0 0 1"><joint name="j" axis="0 1 0" range="-60 60"/>'
                '<geom type="capsule" fromto="0 0 0 .4 0 0" size=".03"/><site name="b" pos=".3 0 .05"/></body>'
            ),
            '<tendon><spatial name="t"><site site="a"/><site site="b"/></spatial></tendon>',
            '<actuator><muscle tendon="t" ctrlrange="0 1"/></actuator>',
        ),
        wrapping=mjcf(
            world(
                '<site name="a" pos="0 0 1.4"/><geom name="w" type="cylinder" size=".1 .1" euler="90 0 0" '
                'pos=".1 0 1.2"/><body pos="0 0 1"><joint name="j" axis="0 1 0"/><geom type="capsule" '
                'fromto="0 0 0 .4 0 0" size=".03"/><site name="b" pos=".3 0 .05"/></body>'
            ),
            '<tendon><spatial name="t" range="0 .3" stiffness="20"><site site="a"/><geom geom="w"/><site site="b"/>'
            "</spatial></tendon>",
            '<actuator><motor tendon="t" ctrlrange="-1 1"/></actuator>',
        ),
        equalities=mjcf(
            world(
                '<body name="hand" mocap="true" pos="0 0 2"><geom size=".05" contype="0" conaffinity="0"/></body>',
                BODY,
                '<body name="o" pos="1 0 1"><joint name="k" axis="0 1 0"/><geom size=".1"/></body>',
            ),
            '<equality><joint joint1="j" joint2="k" polycoef="0 .5 0 0 0"/><connect body1="o" body2="hand" '
            'anchor="0 0 .2"/></equality>',
            MOTOR,
        ),
        sensors=mjcf(
            world(BODY),
            MOTOR,
            '<sensor><jointpos joint="j" noise=".1"/><user dim="3"/>'
            '<framequat objtype="body" objname="link"/></sensor>',
        ),
        keyframe=mjcf(world(BODY), MOTOR, '<keyframe><key name="home" qpos=".7" ctrl=".3"/></keyframe>'),
        many=mjcf(
            world(
                *(
                    f'<body pos="{i * 0.5} 0 1"><joint name="j{i}" axis="0 1 0"/><geom size=".1"/></body>'
                    for i in range(200)
                )
            ),
            "<actuator>",
            *(f'<motor joint="j{i}" ctrlrange="-1 1"/>' for i in range(200)),
            "</actuator>",
        ),
        explodes=mjcf(
            '<option timestep=".05"/>',
            world(BODY),
            '<actuator><motor joint="j" gear="1e12" ctrlrange="-1 1"/></actuator>',
        ),
        explodes_for_good=mjcf(
            '<option timestep=".05"><flag autoreset="disable"/></option>',
            world(BODY),
            '<actuator><motor joint="j" gear="1e12" ctrlrange="-1 1"/></actuator>',
        ),
        full_memory=mjcf('<size memory="20K"/>', pile, MOTOR),
        plugin_pid=mjcf(
            '<extension><plugin plugin="mujoco.pid"><instance name="p"><config key="kp" value="4"/>'
            "</instance></plugin></extension>",
            world(BODY),
            '<actuator><plugin joint="j" plugin="mujoco.pid" instance="p" ctrlrange="-1 1"/></actuator>',
        ),
        plugin_cable=mjcf(
            '<extension><plugin plugin="mujoco.elasticity.cable"/></extension>',
            world(
                '<composite prefix="c" type="cable" curve="s" count="9 1 1" size="1" initial="none">'
                '<plugin plugin="mujoco.elasticity.cable"><config key="twist" value="1e6"/>'
                '<config key="bend" value="1e6"/></plugin><joint kind="main" damping=".015"/>'
                '<geom type="capsule" size=".01"/></composite>'
            ),
        ),
        plugin_sdf=mjcf(
            '<extension><plugin plugin="mujoco.sdf.torus"><instance name="t"/></plugin></extension>',
            '<asset><mesh name="m"><plugin instance="t"/></mesh></asset>',
            world('<body><freejoint/><geom type="sdf" mesh="m"><plugin instance="t"/></geom></body>'),
        ),
        plugin_unknown=mjcf('<extension><plugin plugin="lab.magic"/></extension>', world(BODY), MOTOR),
    )


GROUPS: tuple[Callable[[Path], Models], ...] = (paths, includes, attached, files, texts, physics)
