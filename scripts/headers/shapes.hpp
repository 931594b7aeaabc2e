/*
 * What a foreign function interface must get right of a type: its width, its sign, and whether it is a pointer. One name
 * for each assertion (Is) has the compiler print what it found.
 */

namespace shapes {

template <auto Found, auto Wanted>
struct Is {
  static constexpr bool value = Found == Wanted;
};

enum class Kind { Void, Signed, Unsigned, Pointer, Structure };

template <typename T>
constexpr Kind kind() {
  if constexpr (__is_void(T)) {
    return Kind::Void;
  } else if constexpr (__is_pointer(T)) {
    return Kind::Pointer;
  } else if constexpr (__is_enum(T)) {
    return kind<__underlying_type(T)>();
  } else if constexpr (__is_integral(T)) {
    return static_cast<T>(-1) < static_cast<T>(0) ? Kind::Signed : Kind::Unsigned;
  } else {
    return Kind::Structure;
  }
}

template <typename T, typename = void>
struct Width {
  static constexpr unsigned long long value = 0; /* void, a function, or a structure that is only named */
};
template <typename T>
struct Width<T, decltype(void(sizeof(T)))> {
  static constexpr unsigned long long value = sizeof(T);
};
template <typename T>
constexpr unsigned long long width() {
  if constexpr (__is_void(T) || __is_function(T)) {
    return 0;
  } else {
    return Width<T>::value;
  }
}

template <typename T>
struct Pointed;
template <typename T>
struct Pointed<T *> {
  using Type = T;
};
template <typename T>
struct Pointed<const T *> {
  using Type = T;
};
template <typename T>
struct Written {
  static constexpr bool value = true;
};
template <typename T>
struct Written<const T *> {
  static constexpr bool value = false;
};

template <typename T>
struct Function;
template <typename Result, typename... Parameters>
struct Function<Result(Parameters...)> {
  using ResultType = Result;
  static constexpr int count = sizeof...(Parameters);
  template <int index>
  using Parameter = __type_pack_element<index, Parameters...>;
};

/* A number as 64 bits, and whether it is negative: no type holds both -1 and 2^64 - 1. */
template <typename T>
constexpr unsigned long long bits(T value) {
  if constexpr (__is_pointer(T)) {
    return value == nullptr ? 0 : 1;
  } else {
    return static_cast<unsigned long long>(value);
  }
}
template <typename T>
constexpr bool negative(T value) {
  if constexpr (__is_pointer(T)) {
    return false;
  } else {
    return value < static_cast<T>(0);
  }
}

}
