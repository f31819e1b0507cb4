// Faults of the phone's own store in words: apart, because the first page may have to say them.

/** storage: what a fault of the phone's own store means and what to do. */
export function storage(e: unknown): string {
  switch ((e as { name?: string }).name) {
    case "StorageFull": return "手机存储满了，刚才这一步没有存上，之前存好的都在。请删掉一些照片、视频或不用的应用，再试一次。";
    case "NotKept": return "存进手机后读出来不一样，没有算数。请再拍一次；还不行就换一部手机。";
    case "Locked": return "手机锁上了，刚才这一步没有存上。输入开锁密码后再来。";
    case "Unreadable": return "这一份在手机里打不开，可能被改动过。其余的都在，请告诉司法所。";
    case "NoSealKey": return "手机里还没有服务器的封存密钥，现在不能封存。写的都在，连上网后点“全部更新”，再来封存。";
    case "NewerVersion": return "另一个页面已经换成了新版本，这一页存不进去了。存过的都在。请把刚写的一句记一下，重新打开再写。";
    case "DraftGone": return "这份记录已在另一个页面封存或放弃，这里不能再改。";
    case "DraftMoved": return "另一个页面刚改了这份记录，已经合到这里。请再看一遍，再点封存。";
    case "NotReady": return "另一个页面带来了没写完的地方，看下面，补好再封存。";
    case "BurstPhoto": return "这是连拍、动图或动态照片，服务器收不了，没有存。请在相册里把要的那一张另存成单张照片，或者截屏，再来选。";
    case "TooManyPixels": return "这张照片超过四千万像素，这部手机缩不小它，没有存。请把相机调成普通模式（1200万像素左右）再拍，或者在相册里打开、截屏后再选。";
    case "BrokenPhoto": return "这张照片的文件不完整，打不开，没有存。请再拍一张，或者在相册里打开、截屏后再选。";
    case "PhotoTooLarge": return "这张照片超过20 MB，这部手机压不小它。请用相机直接拍，或选小一些的。";
    case "NotAPhoto": return "这个文件不是照片，没有存。请选照片。";
    case "LostPhoto": return "有一张照片在手机里读不出来，没有封存。请在那一项删掉它，再拍一张。";
    case "SheetTooLarge": return "文字太多，超过了1 MB，没有封存。请把备注和其他情况写短些。";
    default: return "手机存不进数据，刚才这一步没有存上。请不要关闭这一页，先退出别的应用再试一次；无痕模式下不能记录。";
  }
}
