use bytemuck::*;
#[derive(Clone, Copy, Pod, Zeroable)]
struct A {
    a: u8,
}
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct B {
    a: u8,
    b: u32,
}
#[derive(Clone, Copy, Contiguous)]
#[repr(u8)]
enum C {
    A = 0,
    B = 5,
}
#[derive(TransparentWrapper)]
#[repr(transparent)]
struct D(u8, ());
#[derive(Clone, Copy, NoUninit)]
#[repr(C)]
struct E(bool, u16);
fn main() {}
