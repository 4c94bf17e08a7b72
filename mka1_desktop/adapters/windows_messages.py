"""A window of Windows that is never shown and only receives messages. Not run where it was written."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from ctypes import wintypes

# LRESULT procedure(HWND, UINT, WPARAM, LPARAM)
PROCEDURE = ctypes.CFUNCTYPE(ctypes.c_ssize_t, ctypes.c_void_p, ctypes.c_uint, ctypes.c_size_t, ctypes.c_ssize_t)
WM_DESTROY, WM_CLOSE = 0x2, 0x10
MESSAGE_ONLY = -3  # HWND_MESSAGE
CLASS_NAME = "MKA1DesktopMessages"


class WindowClass(ctypes.Structure):
    """WNDCLASSW."""

    _fields_ = (
        ("style", ctypes.c_uint),
        ("procedure", PROCEDURE),
        ("class_extra", ctypes.c_int),
        ("window_extra", ctypes.c_int),
        ("instance", ctypes.c_void_p),
        ("icon", ctypes.c_void_p),
        ("cursor", ctypes.c_void_p),
        ("background", ctypes.c_void_p),
        ("menu_name", ctypes.c_wchar_p),
        ("class_name", ctypes.c_wchar_p),
    )


class MessageWindow:
    """`pump` lives on a thread of its own; `close` may be called from any, at any time."""

    def __init__(self, heard: Callable[[int, int], None]) -> None:
        """`heard` gets each message and its first word, on the pump's thread, and answers it by returning."""
        self._heard = heard
        self._lock = threading.Lock()
        self._closed = False
        self._window: int | None = None

    def pump(self) -> None:
        """Make the window, and hand on its messages until it is closed. Raises OSError, AttributeError."""
        user, sessions, kernel = ctypes.CDLL("user32"), ctypes.CDLL("wtsapi32"), ctypes.CDLL("kernel32")
        _declare(user, sessions, kernel)

        def procedure(window: int, message: int, word: int, extra: int) -> int:
            if message == WM_DESTROY:
                sessions.WTSUnRegisterSessionNotification(window)
                user.PostQuitMessage(0)
                return 0
            self._heard(message, word)
            return int(user.DefWindowProcW(window, message, word, extra))

        kept = PROCEDURE(procedure)  # as long as the window lives
        instance = kernel.GetModuleHandleW(None)
        described = WindowClass(procedure=kept, instance=instance, class_name=CLASS_NAME)
        if not user.RegisterClassW(ctypes.byref(described)):
            raise OSError("RegisterClassW")
        try:
            window = user.CreateWindowExW(0, CLASS_NAME, "", 0, 0, 0, 0, 0, MESSAGE_ONLY, None, instance, None)
            if not window:
                raise OSError("CreateWindowExW")
            # Without these two a window that only receives messages hears neither of sleep nor of locking.
            asleep = user.RegisterSuspendResumeNotification(window, 0)
            sessions.WTSRegisterSessionNotification(window, 0)
            self._run(user, window)
            user.UnregisterSuspendResumeNotification(asleep)
        finally:
            user.UnregisterClassW(CLASS_NAME, instance)

    def _run(self, user: ctypes.CDLL, window: int) -> None:
        with self._lock:
            self._window = window
            if self._closed:
                user.DestroyWindow(window)
        message = wintypes.MSG()
        while user.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
            user.DispatchMessageW(ctypes.byref(message))
        with self._lock:
            self._window = None

    def close(self) -> None:
        """Ask the window to go; does not wait."""
        with self._lock:
            self._closed = True
            if self._window is not None:
                ctypes.CDLL("user32").PostMessageW(ctypes.c_void_p(self._window), WM_CLOSE, 0, 0)


def _declare(user: ctypes.CDLL, sessions: ctypes.CDLL, kernel: ctypes.CDLL) -> None:
    """Give handles their width: ctypes would cut them to 32 bits."""
    handle, text, number, word = ctypes.c_void_p, ctypes.c_wchar_p, ctypes.c_uint32, ctypes.c_size_t
    kernel.GetModuleHandleW.restype, kernel.GetModuleHandleW.argtypes = handle, (text,)
    user.RegisterClassW.restype, user.RegisterClassW.argtypes = ctypes.c_ushort, (ctypes.POINTER(WindowClass),)
    user.UnregisterClassW.argtypes = (text, handle)
    user.CreateWindowExW.restype = handle
    user.CreateWindowExW.argtypes = (number, text, text, number, *[ctypes.c_int] * 4, *[handle] * 4)
    user.DefWindowProcW.restype = ctypes.c_ssize_t
    user.DefWindowProcW.argtypes = (handle, ctypes.c_uint, word, ctypes.c_ssize_t)
    user.GetMessageW.argtypes = (ctypes.POINTER(wintypes.MSG), handle, ctypes.c_uint, ctypes.c_uint)
    user.DispatchMessageW.restype = ctypes.c_ssize_t
    user.DispatchMessageW.argtypes = (ctypes.POINTER(wintypes.MSG),)
    user.DestroyWindow.argtypes = (handle,)
    user.RegisterSuspendResumeNotification.restype = handle
    user.RegisterSuspendResumeNotification.argtypes = (handle, number)
    user.UnregisterSuspendResumeNotification.argtypes = (handle,)
    sessions.WTSRegisterSessionNotification.argtypes = (handle, number)
    sessions.WTSUnRegisterSessionNotification.argtypes = (handle,)
