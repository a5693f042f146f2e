/**
 * The robot, in MuJoCo's XML format (https://mujoco.readthedocs.io/en/stable/XMLreference.html): a base that turns,
 * a shoulder and an elbow, each with a position servo, so that an action is three joint angles in rad. The target
 * is a mocap body: it stays where the program puts it.
 */
export const armModel = `
<mujoco model="reach arm">
  <option timestep="0.005"/>
  <default>
    <joint damping="0.6" armature="0.02"/>
    <geom type="capsule" size="0.025" rgba="0.9 0.6 0.2 1"/>
    <position kp="12" forcerange="-8 8" inheritrange="1"/>
  </default>
  <worldbody>
    <light pos="0 0 2"/>
    <geom type="plane" size="1 1 0.1" pos="0 0 -0.1" rgba="0.8 0.85 0.9 1"/>
    <body name="base" gravcomp="1">
      <joint name="turn" axis="0 0 1" range="-180 180"/>
      <geom type="cylinder" size="0.05 0.1" rgba="0.3 0.3 0.35 1"/>
      <body name="upper arm" pos="0 0 0.1" gravcomp="1">
        <joint name="shoulder" axis="0 1 0" range="-30 90"/>
        <geom fromto="0 0 0 0 0 0.3"/>
        <body name="forearm" pos="0 0 0.3" gravcomp="1">
          <joint name="elbow" axis="0 1 0" range="0 150"/>
          <geom fromto="0 0 0 0 0 0.3" size="0.02"/>
          <site name="fingertip" pos="0 0 0.3" size="0.02"/>
        </body>
      </body>
    </body>
    <body name="target" mocap="true" pos="0.3 0 0.2">
      <geom name="target" type="sphere" size="0.02" rgba="0.9 0.1 0.2 0.6" contype="0" conaffinity="0"/>
    </body>
  </worldbody>
  <contact>
    <exclude body1="base" body2="upper arm"/>
    <exclude body1="upper arm" body2="forearm"/>
  </contact>
  <actuator>
    <position joint="turn"/>
    <position joint="shoulder"/>
    <position joint="elbow"/>
  </actuator>
</mujoco>
`;
