"""Two workspaces that share a store and the same macro crate; one of them grants something."""

import os
import subprocess

from common import BUILD, HERE, Attack, Result

CALLS = {  # what is asked for, and where: in the workspace that grants, or in the other
    "env": 'variable!("DECOY_GRANTED")',
    "other env": 'variable!("DECOY_OTHER")',
    "data": 'read_file!("{root}/data/inner/file")',
    "neighbour": 'read_file!("{root}/data-next/file")',
    "link": 'read_file!("{root}/data/link")',
    "dots": 'read_file!("{root}/data/../data-next/file")',
    "hidden": 'read_file!("{root}/.data/file")',
    "clock": "wall_clock!()",
}
GRANT = """
[workspace.metadata.glovebox.package.hostile]
read = ["data"]
env = ["DECOY_GRANTED"]

[workspace.metadata.glovebox.package.somebody-else]
read = ["data-next"]
env = ["DECOY_OTHER"]
"""


class Workspaces:
    """Both are built when the first attack asks."""

    def __init__(self, decoys):
        self.decoys, self.said = decoys, {}
        decoys.ours += (os.path.join(decoys.root, "target-granting"), os.path.join(decoys.root, "target-other"))

    def plant(self, name, grant):
        plant = self.decoys.plant
        root = os.path.join(self.decoys.root, name)
        lines = "".join(f"const _: () = hostile::{call.format(root=root)};\n" for call in CALLS.values())
        plant(f"{name}/app/src/lib.rs", lines)
        plant(f"{name}/app/Cargo.toml", '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n'
              f'hostile = {{ path = "{HERE}/project/hostile" }}\n')
        plant(f"{name}/Cargo.toml", f'[workspace]\nmembers = ["app"]\nresolver = "2"\n{grant}')
        for file in ("data/inner/file", "data-next/file", ".data/file"):
            plant(f"{name}/{file}", f"secret-of-{file}")
        if not os.path.islink(f"{root}/data/link"):
            os.symlink("../data-next/file", f"{root}/data/link")
        return root

    def build(self, name):
        if name in self.said:
            return self.said[name]
        root = self.plant(name, GRANT if name == "granting" else "")
        environment = {**os.environ, "PATH": os.path.join(BUILD, "bin") + ":" + os.environ["PATH"],
                       "CARGO_TARGET_DIR": os.path.join(self.decoys.root, f"target-{name}"), "CARGO_TERM_COLOR": "never",
                       "DECOY_GRANTED": "secret-of-env", "DECOY_OTHER": "secret-of-other"}
        built = subprocess.run(["cargo", "glovebox", "check", "--offline"], cwd=root, env=environment,
                               capture_output=True, text=True, timeout=300)
        self.said[name] = built.stderr
        return built.stderr

    def tried(self, name, secret, path):
        text = self.build(name)
        about = [block for block in text.split("\nerror: ") if path in block]
        return Result(f"TOOK {secret}" in text, about[0] if about else text)


def all_of(decoys):
    w = Workspaces(decoys)
    decoys.ours += tuple(os.path.join(decoys.root, name) for name in ("granting", "other"))

    def attack(title, secret, path, where, says, shown=("granting", "secret-of-data/inner/file")):
        return Attack("policies", title, "the grant that it has not got", lambda: w.tried(*shown, ""),
                      lambda: w.tried(where, secret, path), says)

    env = ("granting", "secret-of-env")
    yield attack("reads a variable that another workspace grants", "secret-of-env", "DECOY_GRANTED", "other",
                 "asked for: env `DECOY_GRANTED`", env)
    yield attack("reads a file as another workspace grants", "secret-of-data/inner", "data/inner/file", "other", "read `")
    yield attack("reads a variable granted to another package", "secret-of-other", "DECOY_OTHER", "granting",
                 "asked for: env `DECOY_OTHER`", env)
    yield attack("reads beside what is granted", "secret-of-data-next", "data-next/file", "granting", "read `")
    yield attack("leaves what is granted by a link", "secret-of-data-next", "data/link", "granting", "read `")
    yield attack("leaves what is granted by ..", "secret-of-data-next", "data/../data-next", "granting", "read `")
    yield attack("reads a hidden folder of the workspace", "secret-of-.data", ".data/file", "granting", "read `")
