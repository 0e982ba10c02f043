package dev.andon.store;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;

/** Makes one chosen JDBC call of a store fail, either before it does its work or right after it. */
final class Faults {
    private static final List<Class<?>> WRAPPED =
            List.of(PreparedStatement.class, Statement.class, ResultSet.class, Connection.class);
    private static final Set<String> NOT_COUNTED =
            Set.of("close", "isClosed", "hashCode", "equals", "toString", "unwrap", "isWrapperFor");

    private long callsUntilFailure = Long.MAX_VALUE;
    private boolean afterwards;
    private String failedCall = "none";

    synchronized void failCall(int number, boolean after) {
        callsUntilFailure = number;
        afterwards = after;
        failedCall = "none";
    }

    synchronized void off() {
        callsUntilFailure = Long.MAX_VALUE;
    }

    synchronized boolean reached() {
        return callsUntilFailure <= 0;
    }

    synchronized String failedCall() {
        return failedCall;
    }

    private synchronized boolean failsNow(Method method) {
        if (callsUntilFailure == Long.MAX_VALUE || NOT_COUNTED.contains(method.getName())) {
            return false;
        }
        callsUntilFailure--;
        boolean now = callsUntilFailure == 0;
        if (now) {
            failedCall = method.getDeclaringClass().getSimpleName() + "." + method.getName();
        }
        return now;
    }

    /** The same dialect over connections that fail when told to. */
    Dialect around(Dialect dialect) {
        return (Dialect) Proxy.newProxyInstance(
                Dialect.class.getClassLoader(), new Class<?>[] {Dialect.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("giveBack")) {
                        dialect.giveBack(unwrap((Connection) arguments[0]), (Boolean) arguments[1]);
                        return null;
                    }
                    Object result = invoke(dialect, method, arguments);
                    return method.getName().equals("connect") ? wrap(result, Connection.class) : result;
                });
    }

    private Connection unwrap(Connection connection) {
        return ((Wrapper) Proxy.getInvocationHandler(connection)).target() instanceof Connection target
                ? target
                : connection;
    }

    private Object wrap(Object target, Class<?> type) {
        return Proxy.newProxyInstance(Faults.class.getClassLoader(), new Class<?>[] {type}, new Wrapper(this, target));
    }

    private record Wrapper(Faults faults, Object target) implements java.lang.reflect.InvocationHandler {
        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
            boolean fails = faults.failsNow(method);
            if (fails && !faults.afterwards) {
                throw new SQLException("failure on purpose, before " + method.getName(), "08006");
            }
            Object result = Faults.invoke(target, method, arguments);
            if (fails) {
                throw new SQLException("failure on purpose, after " + method.getName(), "08006");
            }
            return WRAPPED.contains(method.getReturnType()) && result != null
                    ? faults.wrap(result, method.getReturnType())
                    : result;
        }
    }

    private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
