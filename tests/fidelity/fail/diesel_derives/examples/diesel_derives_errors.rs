use diesel::prelude::*;
diesel::table! { users { id -> Integer, name -> Text, } }
#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::sqlite::Sqlite))]
struct A {
    id: String,
    nme: String,
}
#[derive(Insertable)]
#[diesel(table_name = "users", wrong)]
struct B {
    #[diesel(column_name = "no such")]
    x: u8,
}
#[derive(Identifiable)]
struct C {
    x: u8,
}
#[derive(Associations)]
struct D {
    id: i32,
}
fn main() {}
