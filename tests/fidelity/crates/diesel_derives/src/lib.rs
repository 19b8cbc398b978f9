//! `diesel_derives`: tables, queries, inserts.
use diesel::prelude::*;

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
        #[sql_name = "type"]
        type_ -> Nullable<Text>,
    }
}
diesel::table! { posts (id) { id -> Integer, user_id -> Integer, title -> Text, } }
diesel::joinable!(posts -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(users, posts);

#[derive(Queryable, Selectable, Identifiable, Debug, PartialEq, Clone)]
#[diesel(table_name = users, check_for_backend(diesel::sqlite::Sqlite))]
pub struct User {
    pub id: i32,
    pub name: String,
    #[diesel(column_name = type_)]
    pub kind: Option<String>,
}

#[derive(Queryable, Selectable, Identifiable, Associations, Debug, PartialEq)]
#[diesel(belongs_to(User), table_name = posts)]
pub struct Post {
    pub id: i32,
    pub user_id: i32,
    pub title: String,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true)]
pub struct NewUser<'a> {
    pub name: &'a str,
    #[diesel(column_name = type_)]
    pub kind: Option<&'a str>,
}

#[derive(QueryableByName, Debug, PartialEq)]
pub struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub n: i64,
}

#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Sqlite(diesel::SqliteConnection),
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// Lowers.
    fn lower(x: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        let mut c = SqliteConnection::establish(":memory:").unwrap();
        diesel::sql_query(
            "create table users (id integer primary key, name text not null, type text)",
        )
        .execute(&mut c)
        .unwrap();
        diesel::sql_query("create table posts (id integer primary key, user_id integer not null, title text not null)").execute(&mut c).unwrap();
        let u: User = diesel::insert_into(users::table)
            .values(NewUser { name: "Ann", kind: None })
            .returning(User::as_returning())
            .get_result(&mut c)
            .unwrap();
        assert_eq!(u, User { id: 1, name: "Ann".into(), kind: None });
        assert_eq!(
            users::table.select(lower(users::name)).load::<String>(&mut c).unwrap(),
            ["ann"]
        );
        assert_eq!(Post::belonging_to(&u).load::<Post>(&mut c).unwrap(), []);
        let n: Count =
            diesel::sql_query("select count(*) as n from users").get_result(&mut c).unwrap();
        assert_eq!(n, Count { n: 1 });
    }
}
